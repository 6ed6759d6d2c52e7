import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { DatasetFormatId } from '@/domain/dataset-formats'
import { datasetSnippets, type Snippet, versionFileName } from '@/domain/dataset-snippets'
import { rootFolder } from '../workplace'
import { type Ran, runProgram } from './python'

export interface SnippetScene {
  /** Where the files lie that were fetched before. */
  here: string
  env: Record<string, string>
  /** The JSON Lines of the same version. */
  lines: string
  project: string
  slug: string
  /** Address of the app. */
  url: string
  python: string
  readers: string
}

/** What the page of a version shows for a format, each with a way to run it exactly as it is shown. */
export function runnableSnippets(
  format: DatasetFormatId,
  { here, env, lines, project, slug, url, python, readers }: SnippetScene,
): { id: Snippet['id']; run: () => Promise<Ran> }[] {
  const file = { project, dataset: slug, version: 1, format }
  const name = versionFileName(file)
  const fetched = path.join(here, name)
  return datasetSnippets({ ...file, origin: url }).map(({ id, text }) => ({
    id,
    run: async () => {
      const paste = path.join(here, `${id}-${format}`)
      mkdirSync(paste, { recursive: true })
      const sameFile = async (ran: Ran, got: string): Promise<Ran> => {
        if (ran.code !== 0) return ran
        if (!existsSync(got)) return { code: 1, output: `${name} is not there` }
        // Notebooks name the address that they were fetched from.
        const same = format === 'notebook' || readFileSync(got).equals(readFileSync(fetched))
        return same ? ran : { code: 1, output: `${name} has other bytes` }
      }
      if (id === 'curl')
        return sameFile(await runProgram('bash', ['-c', text], { cwd: paste, env }), path.join(paste, name))
      if (id === 'amend') {
        // It is pasted where Amend lies, and leaves its file there.
        const root = rootFolder()
        const ran = await runProgram('bash', ['-c', text], { cwd: root, env })
        if (existsSync(path.join(root, name))) renameSync(path.join(root, name), path.join(paste, name))
        return sameFile(ran, path.join(paste, name))
      }
      const source = path.join(paste, id === 'duckdb' ? 'snippet.sql' : 'snippet.py')
      writeFileSync(source, text)
      const unpack = /First unpack it: unzip (\S+) -d (\S+)/.exec(text)
      if (unpack)
        await runProgram(python, ['-m', 'zipfile', '-e', unpack[1] ?? '', unpack[2] ?? ''], { cwd: here })
      return runProgram(python, [readers, `snippet-${id}`, source, lines], {
        cwd: id === 'duckdb' ? here : paste,
        env,
      })
    },
  }))
}
