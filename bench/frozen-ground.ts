import { makeDatasetBody } from '@/contract/v1/datasets'
import { openAsSystem, type ProjectScope } from '@/server/access'
import { freezeDataset } from '@/server/freeze-dataset'
import { describeVersion } from '@/server/list-datasets'
import { makeDataset } from '@/server/make-dataset'
import { freezeJob } from '@/server/run-freeze'
import { runJob } from '@/server/run-job'
import { benchActor, type PreparedExposure, prepareExposures } from './exposures'
import { type BenchProject, makeProject, runLong } from './workplace'

/** A project whose rows can be frozen. */
export interface Ground {
  project: BenchProject
  scope: ProjectScope
  dataset: string
  exposures: PreparedExposure[]
}

/** A dataset of so many accepted suggestions. */
export async function acceptedGround(slug: string, count: number): Promise<Ground> {
  const project = await makeProject(slug)
  const exposures = await prepareExposures(project, count)
  await runLong(
    `UPDATE decisions d SET state = 'accepted', shown = true, event_id = uuidv7(),
       candidate_id = (e.candidates->0->>'id')::uuid, decided_at = d.exposed_at + interval '1 second'
     FROM exposures e WHERE e.project_id = d.project_id AND e.id = d.exposure_id AND d.project_id = $1`,
    [project.id],
  )
  const scope = await openAsSystem(project.slug, benchActor)
  const made = await makeDataset(
    scope,
    makeDatasetBody.parse({ name: 'Everything kept', consumers: [{ name: 'Bench', purpose: 'other' }] }),
  )
  return { project, scope, dataset: made.slug, exposures }
}

/** Freezes the next version in this process; throws unless it holds so many rows. */
export async function freezeGround({ scope, dataset }: Ground, expected: number) {
  const { job, number } = await freezeDataset(scope, dataset)
  await runJob(
    { 'freeze-dataset': freezeJob },
    { projectId: scope.projectId, jobId: job?.id ?? '' },
    'bench',
    new AbortController().signal,
  )
  const version = await describeVersion(scope, dataset, String(number))
  if (version.state !== 'frozen' || version.rows !== expected)
    throw new Error(`version ${number} is ${version.state} with ${version.rows} rows instead of ${expected}`)
  return version
}
