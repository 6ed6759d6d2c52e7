import 'server-only'
import type { AskedConsent, Consent } from '@/contract/v1/actor'
import { type Transaction, withTransaction } from '@/db/client'
import { consentLines, currentConsentWording } from '@/domain/consent-words'
import { AmendError } from '@/domain/errors'
import { fromForeignPage, type ProjectScope } from './access'
import { type Actor, findActor } from './find-actor'
import { overtakeOptedOut } from './overtake-versions'
import { settlePrecedents } from './precedent-changes'
import { recordAction } from './record-action'
import { settleSharing } from './settle-sharing'

/** What the caller agreed to in this project, under which pseudonym. */
export async function readConsent(scope: ProjectScope): Promise<Consent> {
  return toConsent(await findActor(scope))
}

/** The same with the wording, in the words of the place that asks. */
export async function askConsent(scope: ProjectScope): Promise<AskedConsent> {
  const lines = consentLines(fromForeignPage(scope) ? 'host' : 'house').map(line => ({ ...line }))
  return { ...(await readConsent(scope)), wording: { version: currentConsentWording, lines } }
}

/**
 * People agree before anything about them is kept, in our pages and in those of others. For those that a secret key
 * speaks for, the embedding product asks them.
 *
 * @param inputs feedback events that they send: who agreed to an earlier wording may take back what they did under it.
 * @throws AmendError consent_needed
 */
export function requireConsent(scope: ProjectScope, actor: Actor, inputs: readonly unknown[] = []): void {
  const asksItself = scope.caller.kind === 'person' || fromForeignPage(scope)
  const agreed = actor.consentVersion ?? 0
  const onlyUndoes =
    inputs.length > 0 && inputs.every(input => (input as { type?: unknown } | null)?.type === 'undone')
  if (asksItself && agreed < currentConsentWording && !(agreed > 0 && onlyUndoes)) {
    throw new AmendError(
      'consent_needed',
      'Read what is collected and continue first: PUT …/consent. Nothing was stored; send this again after it.',
    )
  }
}

function toConsent(actor: Actor): Consent {
  const { consentVersion, consentedAt, suggestionsOn, trainingAllowed, pseudonym } = actor
  return { consentVersion, consentedAt, suggestionsOn, trainingAllowed, pseudonym }
}

/** Sets consent and opt-outs; in force with the next request and for every export from now on. */
export async function setConsent(
  scope: ProjectScope,
  change: {
    accept?: number | undefined
    suggestionsOn?: boolean | undefined
    trainingAllowed?: boolean | undefined
  },
): Promise<Consent> {
  const before = await findActor(scope)
  await withTransaction(async tx => {
    await tx.$client.query(
      `UPDATE actors SET
         consent_version = coalesce($3, consent_version),
         consented_at = CASE WHEN $3::int IS NULL OR $3 = consent_version THEN consented_at ELSE amend.now() END,
         suggestions_on = coalesce($4, suggestions_on),
         training_allowed = coalesce($5, training_allowed)
       WHERE project_id = $1 AND id = $2`,
      [
        scope.projectId,
        before.id,
        change.accept ?? null,
        change.suggestionsOn ?? null,
        change.trainingAllowed ?? null,
      ],
    )
    if (change.trainingAllowed !== undefined && change.trainingAllowed !== before.trainingAllowed)
      await settleSharing(tx, scope.projectId, await taughtBy(tx, scope.projectId, before.id))
    if (before.trainingAllowed && change.trainingAllowed === false) await letGo(tx, scope.projectId, before)
    await recordAction(
      tx,
      { projectId: scope.projectId, themself: true },
      {
        kind: 'consent.set',
        targetType: 'person',
        targetId: before.pseudonym,
        before: {
          consentVersion: before.consentVersion,
          suggestionsOn: before.suggestionsOn,
          trainingAllowed: before.trainingAllowed,
        },
        after: {
          consentVersion: change.accept ?? before.consentVersion,
          suggestionsOn: change.suggestionsOn ?? before.suggestionsOn,
          trainingAllowed: change.trainingAllowed ?? before.trainingAllowed,
        },
      },
    )
  })
  return toConsent(await findActor(scope))
}

/** What rests on somebody's words who no longer lets them be used. */
async function letGo(tx: Transaction, projectId: string, actor: Actor): Promise<void> {
  await overtakeOptedOut(tx, projectId, actor.pseudonym)
  await settlePrecedents(tx, projectId, 'opted-out', actor.id)
}

/** Exposures whose words others may profit from now, or did. */
async function taughtBy(tx: Transaction, projectId: string, actorId: string): Promise<string[]> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT exposure_id AS id FROM learned_examples WHERE project_id = $1 AND actor_id = $2
     UNION SELECT e.id FROM training_rows t JOIN exposures e ON e.project_id = t.project_id AND e.id = ANY(t.exposure_ids)
     WHERE t.project_id = $1 AND e.actor_id = $2`,
    [projectId, actorId],
  )
  return rows.map(row => row.id)
}
