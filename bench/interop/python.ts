import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { rootFolder } from '../workplace'

export interface Ran {
  code: number
  /** The last lines of what it printed, errors included. */
  output: string
}

/** Runs a program to its end with nothing to read. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<Ran> {
  return new Promise(resolve => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const note = (part: Buffer) => {
      output = `${output}${part}`.slice(-4000)
    }
    child.stdout.on('data', note)
    child.stderr.on('data', note)
    child.on('error', error => resolve({ code: 127, output: error.message }))
    child.on('exit', code => resolve({ code: code ?? 130, output }))
  })
}

/** What a Python is made with: a file of requirements, and packages that come without theirs. */
interface Wanted {
  name: string
  requirements: string
  withoutDependencies: readonly string[]
}

const readers: Wanted = {
  name: 'the readers',
  requirements: 'bench/interop/requirements.txt',
  // Utilities of TRL alone: what it trains with weighs gigabytes, and its checks of formats need none of it.
  withoutDependencies: ['trl==1.16.0'],
}
const mlflow: Wanted = {
  name: 'MLflow',
  requirements: 'bench/interop/requirements-mlflow.txt',
  withoutDependencies: [],
}

type Say = (line: string) => void

/** The Python that holds the readers of formats. @throws Error where there is no Python 3, or a package can't be installed */
export const pythonWithReaders = (say: Say) => pythonWith(readers, 'venv', say)

/** The Python that holds MLflow's server and client. @throws Error as `pythonWithReaders` */
export const pythonWithMlflow = (say: Say) => pythonWith(mlflow, 'venv-mlflow', say)

/** Of a virtual environment in the temporary folder (or AMEND_INTEROP_HOME), made anew when its requirements change. */
async function pythonWith(
  { name, requirements: file, withoutDependencies }: Wanted,
  folder: string,
  say: Say,
): Promise<string> {
  const home =
    process.env.AMEND_INTEROP_HOME ?? path.join(os.tmpdir(), `amend-interop-${process.getuid?.() ?? 0}`)
  const requirements = path.join(rootFolder(), file)
  const mark = createHash('sha256')
    .update(readFileSync(requirements))
    .update(withoutDependencies.join())
    .digest('hex')
  const [venv, note] = [
    path.join(home, folder),
    path.join(home, folder === 'venv' ? 'installed' : `${folder}-installed`),
  ]
  const python = path.join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  if (existsSync(note) && readFileSync(note, 'utf8') === mark) return python
  mkdirSync(home, { recursive: true })
  rmSync(note, { force: true })
  const must = async (what: string, program: string, args: string[]) => {
    say(what)
    const { code, output } = await runProgram(program, args, { cwd: home })
    if (code !== 0) throw new Error(`${what} ended with ${code}:\n${output}`)
  }
  await must('making a virtual environment', process.env.PYTHON ?? 'python3', ['-m', 'venv', venv])
  await must(`installing ${name}`, python, ['-m', 'pip', 'install', '-q', '-r', requirements])
  if (withoutDependencies.length > 0)
    await must(`installing ${withoutDependencies.join(', ')}`, python, [
      '-m',
      'pip',
      'install',
      '-q',
      '--no-deps',
      ...withoutDependencies,
    ])
  writeFileSync(note, mark)
  return python
}
