import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { listProjectsOfPerson } from '@/db/queries/projects'
import { placeholderEmail } from '@/server/first-sign-in'
import { currentPerson } from '@/server/page-access'
import { demoRoles } from '@/server/sign-in'
import { ProjectList } from './project-list'
import { Welcome } from './welcome'

/** Signed out: what this is and the ways in. Signed in: the one project, or the choice between several. */
export default async function FirstPage() {
  const person = await currentPerson()
  if (!person) return <Welcome demo={await demoRoles(await headers())} />
  const projects = await listProjectsOfPerson(person.userId)
  const [only] = projects
  if (only && projects.length === 1) redirect(`/p/${only.slug}`)
  return <ProjectList name={person.name} projects={projects} unnamed={person.email === placeholderEmail} />
}
