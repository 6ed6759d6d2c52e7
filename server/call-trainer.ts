import 'server-only'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { SafeFetchError, safeFetch } from '@/platform/safe-fetch'
import { publicAddress } from './public-address'
import { planSecret } from './retraining-plan'
import type { Run } from './run-retraining'
import { signingSecretOf } from './signing-secret'

const limits = { timeoutMs: 10_000, maxBytes: 64_000 }

/** What the trainer's answer has to bring: the same in every call of a run, so that a repeated call is the same call. */
export const answerToken = (runId: string): string =>
  createHmac('sha256', signingSecretOf('retraining answer')).update(runId).digest('base64url')

export function isAnswerToken(runId: string, token: string): boolean {
  const [own, theirs] = [answerToken(runId), token].map(one => Buffer.from(one))
  return (
    own !== undefined && theirs !== undefined && own.length === theirs.length && timingSafeEqual(own, theirs)
  )
}

/**
 * Asks a trainer elsewhere to train. The call is signed with its time, so that an old one is worth nothing, and names its
 * run, so that one that comes twice is known. Null where it was taken; else why not, in words.
 */
export async function callTrainer(run: Run, token: string): Promise<string | null> {
  if (run.wish.how.kind !== 'webhook') throw new Error('the plan names no webhook')
  const base = `${publicAddress()}/api/v1/projects/${run.slug}`
  const body = JSON.stringify({
    run: run.id,
    model: run.modelId,
    dataset: { id: run.datasetId, versionId: run.datasetVersionId, url: `${base}/datasets/${run.datasetId}` },
    answer: { url: `${base}/retraining-runs/${run.id}/answer`, token },
  })
  const at = Math.floor(Date.now() / 1000)
  const signature = createHmac('sha256', planSecret(run.planId)).update(`${at}.${body}`).digest('hex')
  try {
    const { status } = await safeFetch(run.wish.how.url, {
      ...limits,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'amend-signature': `t=${at},v1=${signature}`,
        'amend-delivery': run.id,
      },
      body,
    })
    return status >= 200 && status < 300 ? null : `it answered with ${status}`
  } catch (error) {
    if (error instanceof SafeFetchError) return error.message
    throw error
  }
}
