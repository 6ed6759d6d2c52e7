import { type ProjectPage, pagePermissions } from '@/domain/page-permission'
import type { Permission } from '@/domain/permission'

export type NavGroup = 'Study' | 'Use' | 'Project'

export interface NavLink {
  group: NavGroup
  page: Exclude<ProjectPage, ''>
  label: string
  href: string
}

const pages: Omit<NavLink, 'href'>[] = [
  { group: 'Study', page: 'feedback', label: 'Feedback' },
  { group: 'Study', page: 'models', label: 'Models' },
  { group: 'Use', page: 'inbox', label: 'Inbox' },
  { group: 'Use', page: 'my-history', label: 'My history' },
  { group: 'Project', page: 'members', label: 'Members' },
  { group: 'Project', page: 'history', label: 'History' },
  { group: 'Project', page: 'settings', label: 'Settings' },
]

/** The pages of a project that its reader may open, in the order of the navigation. */
export function projectLinks(slug: string, can: (permission: Permission) => boolean): NavLink[] {
  return pages
    .filter(({ page }) => can(pagePermissions[page]))
    .map(page => ({ ...page, href: `/p/${slug}/${page.page}` }))
}

/** Where a project opens: on the work, or on the study of it for those who only look. */
export function projectHome(slug: string, can: (permission: Permission) => boolean): string {
  const page = (['inbox', 'feedback'] as const).find(wanted => can(pagePermissions[wanted])) ?? 'my-history'
  return `/p/${slug}/${page}`
}
