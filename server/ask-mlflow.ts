import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { AmendError } from '@/domain/errors'
import type { MlflowSettings } from '@/domain/mlflow'
import { boundSecret } from '@/platform/bound-secret'
import { type SafeAnswer, SafeFetchError, type SafeRequest, safeFetch } from '@/platform/safe-fetch'

const limits = { timeoutMs: 10_000, maxBytes: 8 * 1024 * 1024, retries: 2, firstPauseMs: 200 }

interface Call {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  query?: Record<string, string>
  body?: unknown
  /** Calls that make something anew each time are made once. */
  once?: boolean
}

const fault = (detail: string) => new AmendError('unavailable', detail)

/**
 * An MLflow server as a project knows it, asked over plain HTTP. Redirects are not followed: the token stays with the address that
 * was given. No answer, 429 and 5xx are tried again; what is wrong is said without quoting the answer.
 */
export class Mlflow {
  private readonly authorization: string | null
  constructor(
    private readonly settings: MlflowSettings,
    private readonly timeoutMs = limits.timeoutMs,
  ) {
    const { tokenVariable, url } = settings
    const bound = tokenVariable ? boundSecret(tokenVariable, url) : null
    if (bound && 'fault' in bound)
      throw new AmendError('conflict', bound.fault, { field: 'mlflow.tokenVariable' })
    const token = bound?.secret
    // A bearer token holds no colon (RFC 6750, 2.1), so one with a colon is a name and a password.
    this.authorization = token
      ? token.includes(':')
        ? `Basic ${Buffer.from(token).toString('base64')}`
        : `Bearer ${token}`
      : null
  }

  /** @throws AmendError not_found (with `missing` as its words), conflict (the token), unavailable */
  async ask<T>(schema: z.ZodType<T>, call: Call, missing: string): Promise<T> {
    const { status, body } = await this.send(call)
    if (status === 404) throw new AmendError('not_found', missing)
    if (status < 200 || status > 299) throw this.refused(status, body)
    const parsed = schema.safeParse(parsedJson(body))
    if (parsed.success) return parsed.data
    const at = parsed.error.issues[0]?.path.join('.')
    throw fault(
      `${call.path} was answered in another form than MLflow’s${at ? ` (${at})` : ''}. Is ${this.settings.url} the address of an MLflow server?`,
    )
  }

  /** As `ask`, for what may well not be there: null. */
  async find<T>(schema: z.ZodType<T>, call: Call): Promise<T | null> {
    const found = await this.ask(schema, call, '').catch(error => {
      if (error instanceof AmendError && error.code === 'not_found') return null
      throw error
    })
    return found
  }

  /** Stores a file of a run, where the server hands files on; false where it does not, as with a bucket of its own. */
  async putFile(artifactUri: string, file: string, content: string): Promise<boolean> {
    const folder = proxiedFolder(artifactUri)
    if (folder === null) return false
    const { status, body } = await this.send({ method: 'PUT', path: filePath(folder, file), body: content })
    // 503 and 501: started without a store for artifacts.
    if ([404, 405, 501, 503].includes(status)) return false
    if (status < 200 || status > 299) throw this.refused(status, body)
    return true
  }

  /** Reads a JSON file of a run; null where it is not to be had. */
  async readFile(artifactUri: string, file: string): Promise<unknown> {
    const folder = proxiedFolder(artifactUri)
    if (folder === null) return null
    const { status, body } = await this.send({ method: 'GET', path: filePath(folder, file) })
    return status === 200 ? parsedJson(body) : null
  }

  private refused(status: number, body: Buffer): AmendError {
    const { url, tokenVariable } = this.settings
    if (status === 401 || status === 403)
      return new AmendError(
        'conflict',
        tokenVariable
          ? `MLflow refuses what ${tokenVariable} holds (${status}). Put a token that may do this into it, then start the server again.`
          : `MLflow asks for a token (${status}). Name the variable that holds it in the connection.`,
        { field: 'mlflow.tokenVariable' },
      )
    if (status >= 300 && status < 400)
      return fault(
        `${url} redirects elsewhere, and redirects are not followed. Give the address that it leads to.`,
      )
    const { error_code: code } = z
      .object({ error_code: z.string().regex(/^[A-Z_]{1,60}$/) })
      .catch({ error_code: '' })
      .parse(parsedJson(body))
    return fault(
      `MLflow answered with status ${status}${code ? ` (${code})` : ''}. Nothing was changed here.`,
    )
  }

  private async send(call: Call): Promise<SafeAnswer> {
    const query = call.query ? `?${new URLSearchParams(call.query)}` : ''
    const raw = typeof call.body === 'string'
    const request: SafeRequest = {
      method: call.method,
      timeoutMs: this.timeoutMs,
      maxBytes: limits.maxBytes,
      headers: {
        accept: 'application/json',
        ...(call.body === undefined
          ? {}
          : { 'content-type': raw ? 'application/octet-stream' : 'application/json' }),
        ...(this.authorization ? { authorization: this.authorization } : {}),
      },
      ...(call.body === undefined ? {} : { body: raw ? (call.body as string) : JSON.stringify(call.body) }),
    }
    for (let tries = 0; ; tries++) {
      const last = call.once || tries >= limits.retries
      try {
        const answer = await safeFetch(`${this.settings.url}/api/2.0/${call.path}${query}`, request)
        if (last || (answer.status !== 429 && answer.status < 500)) return answer
      } catch (error) {
        if (!(error instanceof SafeFetchError)) throw error
        if (last || error.fault !== 'no-answer') throw this.unreached(error)
      }
      await sleep(limits.firstPauseMs * 2 ** tries)
    }
  }

  private unreached(error: SafeFetchError): AmendError {
    const { url } = this.settings
    if (error.fault === 'refused-address')
      return new AmendError(
        'invalid_input',
        `${url} leads into a private network, which this server does not ask. Its operator may allow it with AMEND_ALLOW_PRIVATE_URLS=1.`,
        { field: 'mlflow.url' },
      )
    if (error.fault === 'too-slow')
      return fault(`MLflow at ${url} did not answer within ${this.timeoutMs / 1000} s. Try again.`)
    if (error.fault === 'too-large') return fault(`MLflow at ${url} answers with too much.`)
    return fault(`MLflow at ${url} can’t be reached. Is it running, and is the address right?`)
  }
}

/** Of `mlflow-artifacts:/1/abc/artifacts`, what the server itself hands on: the folder. */
function proxiedFolder(artifactUri: string): string | null {
  return /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.+)$/.exec(artifactUri)?.[1] ?? null
}

const filePath = (folder: string, file: string) =>
  `mlflow-artifacts/artifacts/${`${folder}/${file}`.split('/').map(encodeURIComponent).join('/')}`

function parsedJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8') || '{}')
  } catch {
    return undefined
  }
}
