import 'server-only'
import type { ChangeSpecificationBody, SpecificationPreview } from '@/contract/v1/specification'
import { getDb } from '@/db/client'
import { reasonChanges } from '@/domain/specification'
import type { ProjectScope } from './access'
import { checkChange } from './publish-specification'
import { affectedByCode, affectedByGuideline, countSentBack } from './specification-impact'

/**
 * What a change of the specification would touch, counted now. Nothing is stored.
 *
 * @throws AmendError conflict (another version since), invalid_input
 */
export async function previewSpecification(
  scope: ProjectScope,
  body: ChangeSpecificationBody,
): Promise<SpecificationPreview> {
  const db = getDb()
  const { versions, before, guidelineChanged } = await checkChange(db, scope, body, { mapped: false })
  const version = versions.current + 1
  const changes = reasonChanges(before, body.schema)
  const { projectId } = scope
  const codes = []
  for (const reason of changes.removed)
    codes.push({
      ...reason,
      ...(await affectedByCode(db, projectId, versions, { version, code: reason.code })),
    })
  return {
    version,
    changes,
    guidelineChanged,
    codes,
    guideline: await affectedByGuideline(db, projectId, version),
    sentBack: await countSentBack(db, versions, { projectId, version, ...body.sendBack }),
  }
}
