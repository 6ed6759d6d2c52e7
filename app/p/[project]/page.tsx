import { redirect } from 'next/navigation'
import { projectHome } from '@/components/shell/project-links'
import { requireProjectPage } from '@/server/page-access'

export default async function ProjectPage({ params }: { params: Promise<{ project: string }> }) {
  const scope = await requireProjectPage((await params).project)
  redirect(projectHome(scope.project, permission => scope.can(permission)))
}
