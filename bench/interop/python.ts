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

/** Utilities of TRL alone: what it trains with weighs gigabytes, and its checks of formats need none of it. */
const withoutDependencies = ['trl==1.16.0']

/**
 * The Python of a virtual environment that holds the readers, in the temporary folder (or AMEND_INTEROP_HOME), made anew when
 * its requirements change.
 *
 * @throws Error where there is no Python 3, or a package can't be installed
 */
export async function pythonWithReaders(say: (line: string) => void): Promise<string> {
  const home =
    process.env.AMEND_INTEROP_HOME ?? path.join(os.tmpdir(), `amend-interop-${process.getuid?.() ?? 0}`)
  const requirements = path.join(rootFolder(), 'bench/interop/requirements.txt')
  const mark = createHash('sha256')
    .update(readFileSync(requirements))
    .update(withoutDependencies.join())
    .digest('hex')
  const [venv, note] = [path.join(home, 'venv'), path.join(home, 'installed')]
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
  await must('installing the readers', python, ['-m', 'pip', 'install', '-q', '-r', requirements])
  await must('installing TRL', python, ['-m', 'pip', 'install', '-q', '--no-deps', ...withoutDependencies])
  writeFileSync(note, mark)
  return python
}
