import { type ProjectPage, pagePermissions } from '@/domain/page-permission'
import type { Permission } from '@/domain/permission'
import { taskFacts } from '@/tasks/registry'
import { usePages } from '@/tasks/task-type'

export type NavGroup = 'Study' | 'Use' | 'Review' | 'Project'

export interface NavLink {
  group: NavGroup
  /** Pages of one thing, as one queue, are reached from their list, and parts of settings from there. */
  page: Exclude<
    ProjectPage,
    | ''
    | 'settings/inspector'
    | 'settings/monitors'
    | 'monitors/another-order'
    | 'queues/new'
    | 'models/compare'
    | `${string}[${string}`
  >
  label: string
  href: string
}

const pages: Omit<NavLink, 'href'>[] = [
  { group: 'Study', page: 'feedback', label: 'Feedback' },
  { group: 'Study', page: 'datasets', label: 'Datasets' },
  { group: 'Study', page: 'models', label: 'Models' },
  { group: 'Study', page: 'outcomes', label: 'Outcomes' },
  { group: 'Study', page: 'monitors', label: 'Monitors' },
  { group: 'Study', page: 'learned', label: 'Learned' },
  { group: 'Use', page: 'inbox', label: 'Inbox' },
  { group: 'Use', page: 'album', label: 'Album' },
  { group: 'Use', page: 'demand', label: 'Demand' },
  { group: 'Use', page: 'my-history', label: 'My history' },
  { group: 'Review', page: 'queues', label: 'Review' },
  { group: 'Review', page: 'adjudicate', label: 'Adjudicate' },
  { group: 'Review', page: 'specification', label: 'Guideline' },
  { group: 'Review', page: 'queues/gold', label: 'Gold' },
  { group: 'Review', page: 'my-figures', label: 'My figures' },
  { group: 'Project', page: 'import', label: 'Import' },
  { group: 'Project', page: 'members', label: 'Members' },
  { group: 'Project', page: 'history', label: 'History' },
  { group: 'Project', page: 'settings', label: 'Settings' },
]

interface ProjectOf {
  slug: string
  taskType: string
}

/** The pages of a project that its reader may open, in the order of the navigation. */
export function projectLinks(
  { slug, taskType }: ProjectOf,
  can: (permission: Permission) => boolean,
): NavLink[] {
  const facts = taskFacts(taskType)
  // A project has the one page of its task on which items are worked on, and of the others those that its task fills.
  const fills: Partial<Record<ProjectPage, boolean>> = {
    ...Object.fromEntries(usePages.map(page => [page, page === facts?.usePage])),
    import: facts?.fromTables || facts?.fromPictures || false,
    outcomes: facts?.hasOutcomes ?? false,
    learned: facts?.learnsByExample ?? true,
  }
  return pages
    .filter(({ page }) => can(pagePermissions[page]) && fills[page] !== false)
    .map(page => ({ ...page, href: `/p/${slug}/${page.page}` }))
}

/** Where a project opens: on the work, or on the study of it for those who only look. */
export function projectHome({ slug, taskType }: ProjectOf, can: (permission: Permission) => boolean): string {
  const usePage = taskFacts(taskType)?.usePage
  const page =
    [usePage, 'feedback' as const].find(wanted => wanted && can(pagePermissions[wanted])) ?? 'my-history'
  return `/p/${slug}/${page}`
}
