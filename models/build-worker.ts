import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

/**
 * Bundles one model's worker into a new folder below node_modules, from where packages resolve, for training and tests;
 * the app's own bundles lie in dist. Returns the folder to give to `configureModels` as `workersDir`.
 */
export async function buildWorker(kind: string, plugins: Plugin[] = []): Promise<string> {
  const workersDir = newWorkersDir()
  await build({
    entryPoints: [join(process.cwd(), 'models', kind, 'worker.ts')],
    outfile: join(workersDir, 'models', `${kind}-worker.js`),
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
    plugins,
  })
  return workersDir
}

/** A new empty folder from which installed packages resolve. */
export function newWorkersDir(): string {
  const cache = join(process.cwd(), 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  return mkdtempSync(join(cache, 'amend-workers-'))
}
