import 'server-only'
import type { Consent } from '@/contract/v1/actor'
import { withTransaction } from '@/db/client'
import type { ProjectScope } from './access'
import { type Actor, findActor } from './find-actor'
import { overtakeOptedOut } from './overtake-versions'
import { recordAction } from './record-action'

/** What the caller agreed to in this project, under which pseudonym. */
export async function readConsent(scope: ProjectScope): Promise<Consent> {
  return toConsent(await findActor(scope))
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
    if (before.trainingAllowed && change.trainingAllowed === false)
      await overtakeOptedOut(tx, scope.projectId, before.pseudonym)
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
