// `npm run build`: the server's bundles and the pages, each only when something changed. `npm run build -- bundles` or `-- pages` for one alone.
import { buildBundles, buildPages, checkNode, ensureDependencies, script, sourceHash } from './set-up.mjs'

await script(async () => {
  checkNode()
  await ensureDependencies()
  const hash = sourceHash()
  const part = process.argv[2]
  if (part !== 'pages') await buildBundles(hash)
  if (part !== 'bundles') await buildPages(hash)
})
