import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { getConfig } from '@/platform/config'

/** Bundles a TypeScript entry as the product's own bundles are made, for a test that kills a process. */
export async function buildEntry(entry: string): Promise<{ file: string; remove(): void }> {
  const { root } = getConfig()
  const setUp = pathToFileURL(path.join(root, 'scripts/set-up.mjs')).href
  const [{ build }, { commonOptions }] = await Promise.all([
    import('esbuild'),
    import(/* @vite-ignore */ setUp),
  ])
  const folder = path.join(root, 'dist', 'run')
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, `${path.basename(entry, '.ts')}-test-${process.pid}.js`)
  await build({
    ...commonOptions(),
    entryPoints: [path.join(root, entry)],
    outfile: file,
    sourcemap: false,
  })
  return { file, remove: () => rmSync(file, { force: true }) }
}
