/** Every command: its name, its place in the help, a summary, and its file, which is loaded only when it runs. */
import type { CommandFile } from './manual.js'

export interface CommandEntry {
  name: string
  summary: string
  load: () => Promise<CommandFile>
}

/** In the order of the help. */
export const commandGroups: readonly { title: string; commands: readonly CommandEntry[] }[] = [
  {
    title: 'Make and fill:',
    commands: [
      { name: 'init', summary: 'make a universe', load: () => import('./init.js') },
      {
        name: 'import',
        summary: 'add the versions of a stream (NDJSON, plain or gzip)',
        load: () => import('./import.js'),
      },
      { name: 'import-git', summary: "add a git repository's history", load: () => import('./import-git.js') },
      { name: 'export', summary: 'write versions as a stream (NDJSON)', load: () => import('./export.js') },
    ],
  },
  {
    title: 'Read the graph, as it is or was:',
    commands: [
      { name: 'get', summary: 'show an entity or a relation', load: () => import('./get.js') },
      { name: 'find', summary: 'list entities or relations by what they are', load: () => import('./find.js') },
      {
        name: 'neighbours',
        summary: "list an entity's relations and what they lead to",
        load: () => import('./neighbours.js'),
      },
      { name: 'reachable', summary: 'list what relations lead to, step by step', load: () => import('./reachable.js') },
      { name: 'path', summary: 'find a shortest path between two entities', load: () => import('./path.js') },
      { name: 'materialise', summary: 'write the whole state of a version', load: () => import('./materialise.js') },
    ],
  },
  {
    title: 'Read the history:',
    commands: [
      { name: 'log', summary: 'list versions, newest first', load: () => import('./log.js') },
      { name: 'show', summary: 'show a version and its operations', load: () => import('./show.js') },
      { name: 'history', summary: 'list every state of an entity or a relation', load: () => import('./history.js') },
      { name: 'diff', summary: 'compare two versions', load: () => import('./diff.js') },
    ],
  },
  {
    title: 'Branch and merge:',
    commands: [
      { name: 'branch', summary: 'list, make or delete branches', load: () => import('./branch.js') },
      { name: 'merge', summary: 'bring a branch or a version into a branch', load: () => import('./merge.js') },
      {
        name: 'revert',
        summary: 'undo a version or a range, what came later stays',
        load: () => import('./revert.js'),
      },
    ],
  },
  {
    title: 'Look after it:',
    commands: [
      { name: 'stats', summary: 'show counts, types and sizes', load: () => import('./stats.js') },
      {
        name: 'verify',
        summary: 'prove that the database is what its versions say',
        load: () => import('./verify.js'),
      },
      { name: 'backup', summary: 'copy the universe into a new file', load: () => import('./backup.js') },
      {
        name: 'rebuild',
        summary: 'derive everything but the deltas again',
        load: () => import('./rebuild.js'),
      },
      { name: 'restore', summary: 'put a backup where the universe is to be', load: () => import('./restore.js') },
      { name: 'migrate', summary: 'bring the schema up to date, or step by step', load: () => import('./migrate.js') },
    ],
  },
  {
    title: 'Learn and type less:',
    commands: [
      { name: 'help', summary: 'print the help of a command', load: () => import('./help.js') },
      {
        name: 'completion',
        summary: 'print a script that completes words in a shell',
        load: () => import('./completion.js'),
      },
    ],
  },
]
