import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { currentConsent } from '@/contract/v1/actor'
import { getDb } from '@/db/client'
import type { Permission, Role } from '@/domain/permission'
import { saltedHash } from '@/platform/hash'
import { type Credentials, openProject, type ProjectScope } from '@/server/access'
import { setConsent } from '@/server/consent'

export interface TestPerson {
  userId: string
  credentials: Credentials
}

export interface TestProject {
  id: string
  slug: string
  /** A new person of that role. */
  person(role: Role): Promise<TestPerson>
  /** A scope for a new person of that role, who has agreed to the collection. */
  scope(role: Role, permission?: Permission): Promise<ProjectScope>
  /** A live version whose predictions a test pushes itself. */
  pushedVersionId: string
}

/** A project of its own with a pushed model that is live. Rows are made directly: the verbs under test come after. */
export async function makeTestProject(
  slug = `t-${randomUUID().slice(0, 8)}`,
  taskType = 'smart-reply',
): Promise<TestProject> {
  const db = getDb().$client
  const id = uuidv7()
  const modelId = uuidv7()
  const pushedVersionId = uuidv7()
  await db.query(`INSERT INTO projects (id, slug, name, task_type) VALUES ($1, $2, $2, $3)`, [
    id,
    slug,
    taskType,
  ])
  await db.query(`INSERT INTO models (project_id, id, name, kind) VALUES ($1, $2, 'Own model', 'push')`, [
    id,
    modelId,
  ])
  await db.query(
    `INSERT INTO model_versions (project_id, id, model_id, version, stage) VALUES ($1, $2, $3, '1', 'live')`,
    [id, pushedVersionId, modelId],
  )
  const person = async (role: Role): Promise<TestPerson> => {
    const userId = uuidv7()
    const sessionId = uuidv7()
    await db.query(`INSERT INTO users (id, email, name) VALUES ($1, $2, $3)`, [
      userId,
      `${userId}@example.test`,
      `A ${role}`,
    ])
    await db.query(`INSERT INTO memberships (project_id, user_id, role) VALUES ($1, $2, $3)`, [
      id,
      userId,
      role,
    ])
    await db.query(
      `INSERT INTO sessions (id, user_id, expires_at) VALUES ($1, $2, amend.now() + interval '100 days')`,
      [sessionId, userId],
    )
    return { userId, credentials: { kind: 'session', sessionId } }
  }
  return {
    id,
    slug,
    pushedVersionId,
    person,
    async scope(role, permission = 'project.view') {
      const scope = await openProject((await person(role)).credentials, slug, permission)
      await setConsent(scope, { accept: currentConsent })
      return scope
    },
  }
}

export const threadPayload = (text: string, messages = 1) => ({
  subject: 'A thread',
  messages: Array.from({ length: messages }, () => ({ author: 'Ines', fromMe: false, sentAt: null, text })),
})

/** An item of the project with candidates pushed for it, ready to be suggested. */
export async function makeItem(
  project: TestProject,
  texts: readonly string[] = ['Yes, that works for me.', "Sorry, I can't.", 'Could we do it later?'],
  message = 'Does Wednesday at ten work for you?',
  {
    topConfidence = 0.9,
    actorId = null,
    messages = 1,
  }: { topConfidence?: number | null; actorId?: string | null; messages?: number } = {},
): Promise<string> {
  const db = getDb().$client
  const [itemId, content, candidates] = [uuidv7(), uuidv7(), uuidv7()]
  const body = texts.map((text, i) => ({
    id: randomUUID(),
    value: { text },
    confidence: 0.9 - i / 10,
    intent: null,
    evidence: [],
  }))
  await db.query(
    `INSERT INTO contents (project_id, id, kind, item_id, body, salt) VALUES ($1, $2, 'item', $3, $4, '\\x01')`,
    [project.id, content, itemId, threadPayload(message, messages)],
  )
  await db.query(`INSERT INTO items (project_id, id, content_id, input_hash) VALUES ($1, $2, $3, $4)`, [
    project.id,
    itemId,
    content,
    saltedHash(Buffer.from([1]), threadPayload(message, messages)),
  ])
  await db.query(
    `INSERT INTO contents (project_id, id, kind, item_id, body, salt) VALUES ($1, $2, 'candidates', $3, $4, '\\x02')`,
    [project.id, candidates, itemId, JSON.stringify(body)],
  )
  await db.query(
    `INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count, actor_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [project.id, uuidv7(), itemId, project.pushedVersionId, candidates, topConfidence, texts.length, actorId],
  )
  return itemId
}

/** Makes the events of one client session on one exposure, counted in order. */
export function eventMaker(exposureId: string, sessionId = randomUUID()) {
  let clientSeq = 0
  return (type: string, more: Record<string, unknown> = {}) => ({
    id: uuidv7(),
    exposureId,
    sessionId,
    type,
    clientSeq: clientSeq++,
    ...more,
  })
}
