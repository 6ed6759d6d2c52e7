/**
 * A failure whose message is already the one sentence a person needs: what happened and what to do.
 * The command line prints it without a stack. Recognised by name, since two module graphs never share a class.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  constructor(
    message: string,
    readonly exitCode = 1,
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }
}

interface CodedError {
  code?: string
  path?: string
  port?: number
  address?: string
  message?: string
}

function codeChain(error: unknown): CodedError[] {
  const chain: CodedError[] = []
  let current = error
  for (let depth = 0; depth < 5 && current && typeof current === 'object'; depth++) {
    chain.push(current as CodedError)
    const nested = (current as { errors?: unknown[] }).errors
    current = (current as { cause?: unknown }).cause ?? (Array.isArray(nested) ? nested[0] : undefined)
  }
  return chain
}

/** The sentence for an error of the machine (disk, folder, port, database), or null where there is none to give. */
export function sentenceFor(error: unknown): string | null {
  for (const link of codeChain(error)) {
    if ((link as { name?: string }).name === 'Failure') return link.message ?? null
    const where = link.path ? ` (${link.path})` : ''
    switch (link.code) {
      case 'ENOSPC':
      case '53100':
        return `The disk is full${where}. Nothing that was acknowledged is lost: free some space and start again.`
      case 'EDQUOT':
        return `The disk quota is used up${where}. Free some space and start again.`
      case 'EACCES':
      case 'EPERM':
        return `No permission for ${link.path ?? 'a file'}. Make it writable for this user, or set AMEND_HOME to a folder that is.`
      case 'EROFS':
        return `${link.path ?? 'The folder'} is on a read-only disk. Set AMEND_HOME to a folder that can be written.`
      case 'ENOTDIR':
      case 'EEXIST':
        return `${link.path ?? 'AMEND_HOME'} is in the way: a folder is needed there. Move it, or set AMEND_HOME to another folder.`
      case 'EMFILE':
        return 'Too many open files for this user. Raise the limit (ulimit -n 4096) and start again.'
      case 'EADDRINUSE':
        return `Port ${link.port ?? ''} is taken by another program. Set PORT to a free one, for example PORT=${(link.port ?? 3000) + 1} npm start.`
      case 'EADDRNOTAVAIL':
        return `This machine has no address ${link.address ?? ''}. Set HOST to one of its own, or leave it out for 127.0.0.1.`
      case 'ECONNREFUSED':
      case 'ETIMEDOUT':
      case 'EHOSTUNREACH':
      case 'ENETUNREACH':
      case 'ECONNRESET':
        return `The database at ${link.address ?? 'DATABASE_URL'}${link.port ? `:${link.port}` : ''} doesn't answer. Start it, or correct DATABASE_URL.`
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
        return "The host name in DATABASE_URL can't be found. Correct DATABASE_URL."
      case '28P01':
      case '28000':
        return 'The database refused the user or password in DATABASE_URL. Correct DATABASE_URL.'
      case '3D000':
        return "The database named in DATABASE_URL doesn't exist. Create it (CREATE DATABASE …), or correct DATABASE_URL."
      case '42501':
        return 'The database user may not do this. Give it the right to create schemas and tables in its database.'
      case '53300':
        return 'The database has no free connections left. Raise max_connections, or lower AMEND_POOL_SIZE.'
    }
  }
  return null
}
