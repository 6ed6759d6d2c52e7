// `npm run dev`: the database, Next with reloading, and the bundles of server and workers made again whenever a source changes.
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleOptions, checkNode, ensureDependencies, root, script, sdkOptions } from './set-up.mjs'

await script(async () => {
  checkNode()
  await ensureDependencies()
  const { context } = await import('esbuild')
  const bundles = await Promise.all([context(bundleOptions()), context(sdkOptions())])
  for (const bundle of bundles) {
    await bundle.rebuild()
    await bundle.watch()
  }
  const { runCommand } = await import(pathToFileURL(path.join(root, 'dist', 'amend.js')).href)
  const code = await runCommand(['dev', ...process.argv.slice(2)])
  for (const bundle of bundles) await bundle.dispose()
  process.exit(code)
})
