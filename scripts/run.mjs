// `node scripts/run.mjs FILE.ts args`: runs a TypeScript program of this project as the server's bundles are made, aliases and all.
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  buildBundles,
  checkNode,
  commonOptions,
  ensureDependencies,
  failure,
  root,
  script,
} from './set-up.mjs'

await script(async () => {
  const [file, ...args] = process.argv.slice(2)
  if (!file) throw failure('Name the TypeScript file to run: node scripts/run.mjs bench/run.ts', 2)
  checkNode()
  await ensureDependencies()
  await buildBundles()
  const { build } = await import('esbuild')
  const name = path
    .relative(root, path.resolve(file))
    .replaceAll(path.sep, '-')
    .replace(/\.tsx?$/, '')
  const outfile = path.join(root, 'dist', 'run', `${name}.js`)
  await build({ ...commonOptions(), entryPoints: [path.resolve(file)], outfile })
  process.argv = [process.argv[0], outfile, ...args]
  await import(pathToFileURL(outfile).href)
})
