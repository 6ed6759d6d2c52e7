'use client'
import { Plus } from 'lucide-react'
import { Menu, MenuLink, MenuSeparator } from '../ui/menu'
import { ProjectButton } from './project-button'
import type { ShellFacts } from './shell-facts'

/** The menu itself, open from the start: it is loaded when somebody first asks for it. */
export function ProjectMenuOpen({ facts }: { facts: ShellFacts }) {
  return (
    <Menu defaultOpen trigger={<ProjectButton name={facts.project.name} />}>
      {facts.projects.map(project => (
        <MenuLink
          key={project.slug}
          href={`/p/${project.slug}`}
          current={project.slug === facts.project.slug}
        >
          {project.name}
        </MenuLink>
      ))}
      <MenuSeparator />
      <MenuLink href="/new" icon={<Plus />}>
        New project
      </MenuLink>
    </Menu>
  )
}
