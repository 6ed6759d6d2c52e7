// Who may import whom. Run twice: once with type-only imports counted (for what must be pure even in its types), once
// without (for what reaches what when it runs). `npm run check` does both.
const typesCounted = process.env.AMEND_RULES !== 'runtime'

/** A room is a folder at the top; its tests may reach further, since they set a scene. */
const room = name => `^${name}/`
const TESTS = '\\.(test|db\\.test)\\.tsx?$'
const OURS =
  '^(api|app|bench|cli|components|contract|db|domain|e2e|exchange|jobs|models|platform|sdk|server|tasks|test)/|^(main|proxy)\\.ts$'

/** `from` may import, of ours, nothing but itself and what is listed. */
const onlyMayImport = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: TESTS },
  to: { path: OURS, pathNot: allowed },
})

const whenTypesCount = [
  {
    name: 'domain-is-pure',
    comment:
      'The domain knows no framework, database, clock or machine: only itself and zod, types included.',
    severity: 'error',
    from: { path: room('domain'), pathNot: TESTS },
    to: { pathNot: `${room('domain')}|(^|/)node_modules/zod/` },
  },
  {
    name: 'platform-stands-alone',
    comment: 'What talks to the machine imports nothing of ours.',
    severity: 'error',
    from: { path: room('platform'), pathNot: TESTS },
    to: { path: OURS, pathNot: room('platform') },
  },
  {
    name: 'nobody-imports-app',
    comment: 'Pages, journeys and benchmarks are ends: nothing builds on them.',
    severity: 'error',
    from: { pathNot: '^(app|e2e|bench)/' },
    to: { path: '^(app|e2e|bench)/' },
  },
  {
    name: 'nobody-imports-app',
    comment: 'Pages, journeys and benchmarks do not build on each other either.',
    severity: 'error',
    from: { path: '^(app|e2e|bench)/' },
    to: { path: '^(app|e2e|bench)/', pathNot: '^$1/' },
  },
]

const whenItRuns = [
  {
    name: 'no-circular',
    comment: 'Two files that need each other are one idea in two places.',
    severity: 'error',
    from: { path: OURS },
    to: { circular: true },
  },
  {
    name: 'browser-never-reaches-server',
    comment:
      'What runs in the browser must not lead to the server, the database or the machine, by however many steps.',
    severity: 'error',
    from: { path: '^(components|sdk)/|^tasks/.+\\.tsx$', pathNot: TESTS },
    to: { reachable: true, path: '^(server|db|platform|api|jobs|exchange|models|cli)/' },
  },
  {
    name: 'only-server-opens-db',
    comment: 'A connection is opened behind the server verbs; pages read through db/queries with a scope.',
    severity: 'error',
    from: { path: OURS, pathNot: `^(server|db|cli|jobs|bench|e2e|test)/|^main\\.ts$|${TESTS}` },
    to: { path: '^db/(?!queries/)' },
  },
  {
    name: 'tasks-are-islands',
    comment:
      'A task type knows its own folder, task-type.ts and the domain; its pages also the design system.',
    severity: 'error',
    from: { path: '^tasks/([^/]+)/', pathNot: TESTS },
    to: { path: OURS, pathNot: '^tasks/$1/|^tasks/task-type\\.ts$|^domain/|^components/ui/' },
  },
  {
    name: 'tasks-are-islands',
    comment: 'The specification of a task type is no page: only .tsx may use the design system.',
    severity: 'error',
    from: { path: '^tasks/[^/]+/.+\\.ts$', pathNot: TESTS },
    to: { path: '^components/' },
  },
  {
    name: 'tasks-only-via-registry',
    comment: 'Nobody but the registry names a task type.',
    severity: 'error',
    from: { path: OURS, pathNot: `^tasks/|^(bench|e2e|test)/|${TESTS}` },
    to: { path: '^tasks/[^/]+/' },
  },
  {
    name: 'task-spec-loads-ui-lazily',
    comment: 'task.ts is loaded by server and worker; viewer and editor come by a dynamic import.',
    severity: 'error',
    from: { path: '^tasks/(.+/task|registry)\\.ts$' },
    to: { path: '^tasks/.+\\.tsx$|^components/', dependencyTypesNot: ['dynamic-import'] },
  },
  {
    name: 'sdk-stands-alone',
    comment: 'The SDK lives in other people’s pages: of ours it may take types only, from the contract.',
    severity: 'error',
    from: { path: room('sdk'), pathNot: TESTS },
    to: { path: OURS, pathNot: room('sdk') },
  },
  onlyMayImport(
    'contract-imports-domain',
    room('contract'),
    '^(contract|domain)/',
    'The contract is made of zod and the domain.',
  ),
  onlyMayImport(
    'models-import',
    room('models'),
    '^(models|domain|platform)/|^tasks/(registry|task-type)\\.ts$',
    'Models know the task registry, the domain and the machine.',
  ),
  onlyMayImport(
    'db-imports',
    room('db'),
    '^(db|domain|platform)/',
    'The database knows the domain and the machine.',
  ),
  onlyMayImport(
    'exchange-imports',
    room('exchange'),
    '^(exchange|domain|platform)/|^db/queries/|^tasks/(registry|task-type)\\.ts$',
    'Importers and exporters read through db/queries.',
  ),
  onlyMayImport(
    'server-imports',
    room('server'),
    '^(server|domain|contract|db|platform)/|^tasks/(registry|task-type)\\.ts$|^models/(registry|model)\\.ts$|^exchange/registry\\.ts$',
    'Verbs know domain, contract, database, machine and the three registries.',
  ),
  onlyMayImport(
    'jobs-imports',
    room('jobs'),
    '^(jobs|server|exchange|models|platform)/|^db/queries/',
    'Jobs call verbs.',
  ),
  onlyMayImport(
    'api-imports',
    room('api'),
    '^(api|contract|server|platform)/|^domain/errors\\.ts$|^domain/permission\\.ts$',
    'Routes declare and call one verb.',
  ),
  onlyMayImport(
    'cli-imports',
    room('cli'),
    '^(cli|server|jobs|exchange|db|platform)/|^sdk/client\\.ts$|^main\\.ts$|^models/registry\\.ts$|^domain/',
    'The command line calls verbs.',
  ),
  onlyMayImport(
    'components-import',
    room('components'),
    '^(components|domain)/|^tasks/(registry|task-type)\\.ts$|^sdk/',
    'Of the contract components may take types only: zod weighs 33 KB.',
  ),
  {
    name: 'app-imports',
    comment: 'Pages take everything but the connection, the tables and the jobs.',
    severity: 'error',
    from: { path: room('app'), pathNot: TESTS },
    to: { path: '^db/(client\\.ts|schema/)|^jobs/' },
  },
]

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: typesCounted ? whenTypesCount : whenItRuns,
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: typesCounted,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.next|dist)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    cache: false,
  },
}
