// Answers cases with `@cloud-copilot/iam-simulate`: case lines on standard input, answer lines on standard output.
//
//     node authorize.mjs FOLDER <cases >answers        FOLDER holds the package's node_modules
//
// `authorize` is the package's core, which `runSimulation` calls after it has thrown away the context keys that its
// catalogue does not list for the action. What the package leaves to whoever calls it is done here and nowhere else:
// which policies concern the caller, the account of a resource, and lists that are in use but empty. What it has no
// place for is answered `unasked` with the reason.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import { Script } from 'node:vm'

const packages = pathToFileURL(resolve(process.argv[2], 'node_modules', '@cloud-copilot') + '/')
const load = (path) => import(new URL(path, packages).href)
const { authorize } = await load('iam-simulate/dist/esm/core_engine/CoreSimulatorEngine.js')
const { AwsRequestImpl } = await load('iam-simulate/dist/esm/request/request.js')
const { RequestContextImpl } = await load('iam-simulate/dist/esm/requestContext.js')
const { DiscoveryContextKeyConstraints } = await load(
  'iam-simulate/dist/esm/context_keys/discoveryContextKeyConstraints.js'
)
const { loadPolicy } = await load('iam-policy/dist/esm/index.js')

const WORDS = { Allowed: 'allowed', ExplicitlyDenied: 'explicitDeny', ImplicitlyDenied: 'implicitDeny' }
const NOTHING = { Version: '2012-10-17', Statement: [] }
const EVERYTHING = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }]
}

class Unasked extends Error {}

/** Who asks, and what the facts beside the name make of the layers. */
function caller(principal) {
  const facts = typeof principal === 'string' ? { arn: principal } : principal
  if (facts.kind === 'webIdentity') {
    return { name: facts.provider, hasIdentity: false, isToken: true }
  }
  for (const fact of ['role_path', 'unique_id', 'federating_user']) {
    if (fact in facts) throw new Unasked(`the fact ${fact}`)
  }
  if (facts.arn === 'anonymous') {
    return { name: { type: 'Anonymous' }, hasIdentity: false, isToken: false }
  }
  const account = facts.arn.startsWith('arn:') ? facts.arn.split(':')[4] : undefined
  return {
    name: facts.arn,
    account,
    hasIdentity: account !== undefined && !facts.arn.endsWith(':root'),
    isRoot: facts.arn.endsWith(':root'),
    isServiceLinked: Boolean(facts.service_linked) || facts.arn.includes(':role/aws-service-role/'),
    isInManagementAccount: Boolean(facts.management_account)
  }
}

/** The package reads a name of every policy. */
const named = (policy, name = 'policy') => loadPolicy(policy, { name })
const loadNamed = ({ name, policy }) => named(policy, name)

/** Documents of a layer; an empty list in use is a policy that says nothing. */
function list(documents) {
  if (documents === null || documents === undefined) return undefined
  return documents.length === 0 ? [named(NOTHING)] : documents.map(loadNamed)
}

function levels(all) {
  return (all ?? []).map((policies, number) => ({
    orgIdentifier: `level-${number}`,
    policies: policies.map(loadNamed)
  }))
}

/** The package takes one session policy: several of one version become one document. */
function session(documents) {
  if (documents === null || documents === undefined) return undefined
  const policies = documents.map(({ policy }) => policy)
  if (policies.length < 2) return named(policies[0] ?? NOTHING)
  if (new Set(policies.map((policy) => policy.Version)).size > 1) {
    throw new Unasked('session policies of several versions')
  }
  return named({ ...policies[0], Statement: policies.flatMap((policy) => policy.Statement) })
}

function context(values) {
  const text = (value) => (Array.isArray(value) ? value.map(text) : String(value))
  return Object.fromEntries(Object.entries(values ?? {}).map(([key, value]) => [key, text(value)]))
}

/** The accounts to ask about: that of the owner; of an unknown owner the caller's and another. */
function owners(request, who) {
  const { resource } = request
  if (who.isToken) return ['000000000000']
  if (resource === '*') return [who.account]
  const stated = request.resource_account ?? resource.split(':')[4]
  if (stated) return [stated]
  return [who.account, '000000000000']
}

function layers(policies, request, who) {
  // A root user may do everything in its account; of a token the trust policy alone decides, as of a caller from another
  // account whose own side allows.
  const own = who.hasIdentity ? (policies.identity ?? []).map(loadNamed) : []
  const identity = who.isRoot || who.isToken ? [named(EVERYTHING)] : own
  const bindsCaller = who.account !== undefined && !who.isToken && !who.isServiceLinked && !who.isInManagementAccount
  const bindsResource = !who.isServiceLinked && request.action.toLowerCase() !== 'kms:retiregrant'
  return {
    identityPolicies: identity,
    permissionBoundaries: who.hasIdentity ? list(policies.permissions_boundary) : undefined,
    sessionPolicy: who.hasIdentity ? session(policies.session) : undefined,
    resourcePolicy: policies.resource ? named(policies.resource) : undefined,
    vpcEndpointPolicies: list(policies.vpc_endpoint),
    serviceControlPolicies: bindsCaller ? levels(policies.scps) : [],
    resourceControlPolicies: bindsResource ? levels(policies.rcps) : []
  }
}

function decide({ request, policies }) {
  if (request.resource_policy_mode) throw new Unasked('a resource policy mode')
  const who = caller(request.principal)
  const governing = layers(policies, request, who)
  const results = owners(request, who).map((accountId) => {
    const asked = new AwsRequestImpl(
      who.name,
      { resource: request.resource, accountId },
      request.action,
      new RequestContextImpl(context(request.context)),
      request.resource === '*'
    )
    const simulationParameters = {
      simulationMode: 'Strict',
      discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([])
    }
    return WORDS[authorize({ request: asked, ...governing, simulationParameters }).result]
  })
  const worst = ['explicitDeny', 'implicitDeny', 'allowed'].find((word) => results.includes(word))
  return { decision: worst }
}

// The package's regular expressions take exponential time over some patterns; a script can be stopped.
const script = new Script('ask()')

function answer(line) {
  globalThis.ask = () => decide(JSON.parse(line))
  try {
    return script.runInThisContext({ timeout: 1000 })
  } catch (error) {
    if (error instanceof Unasked) return { unasked: error.message }
    if (error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { unasked: 'no answer within a second' }
    return { error: String(error.message ?? error) }
  }
}

// A line ends with U+000A alone: node's own reader of lines also ends one with U+2028, which texts may hold.
const lines = readFileSync(0, 'utf8').split('\n').filter((line) => line !== '')
process.stdout.write(lines.map((line) => JSON.stringify(answer(line)) + '\n').join(''))
