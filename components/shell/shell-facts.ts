import type { NavLink } from './project-links'

/** What the bars and menus of a project page draw. */
export interface ShellFacts {
  project: { slug: string; name: string }
  person: { name: string; email: string; role: string }
  /** Every project the person is in, this one too. */
  projects: { slug: string; name: string }[]
  links: NavLink[]
}
