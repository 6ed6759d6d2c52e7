import type { Role } from '@/domain/permission'
import { getDb } from '../client'

/** The projects that a person is in, by name. */
export async function listProjectsOfPerson(userId: string) {
  const { rows } = await getDb().$client.query<{
    id: string
    slug: string
    name: string
    taskType: string
    demo: boolean
    role: Role
  }>(
    `SELECT p.id, p.slug, p.name, p.task_type AS "taskType", p.demo, m.role
     FROM memberships m JOIN projects p ON p.id = m.project_id WHERE m.user_id = $1 ORDER BY lower(p.name), p.id LIMIT 1000`,
    [userId],
  )
  return rows
}
