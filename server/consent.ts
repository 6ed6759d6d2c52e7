import 'server-only'
import type { AskedConsent, Consent } from '@/contract/v1/actor'
import { withTransaction } from '@/db/client'
import { consentLines, currentConsentWording } from '@/domain/consent-words'
import { AmendError } from '@/domain/errors'
import { fromForeignPage, type ProjectScope } from './access'
import { type Actor, findActor } from './find-actor'
import { recordAction } from './record-action'

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
 * @throws AmendError consent_needed
 */
export function requireConsent(scope: ProjectScope, actor: Actor): void {
  const asksItself = scope.caller.kind === 'person' || fromForeignPage(scope)
  if (asksItself && actor.consentVersion === null) {
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
