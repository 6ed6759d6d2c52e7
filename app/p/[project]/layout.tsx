import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { FindOrDo } from '@/components/shell/find-or-do'
import { ProjectProviders } from '@/components/shell/project-providers'
import { openShell } from './shell-facts'

interface Props {
  params: Promise<{ project: string }>
  children: ReactNode
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { facts } = await openShell((await params).project)
  return { title: { default: facts.project.name, template: `%s · ${facts.project.name} · Amend` } }
}

export default async function ProjectLayout({ params, children }: Props) {
  const { facts, keys } = await openShell((await params).project)
  return (
    <ProjectProviders keys={keys}>
      <FindOrDo facts={facts}>{children}</FindOrDo>
    </ProjectProviders>
  )
}
