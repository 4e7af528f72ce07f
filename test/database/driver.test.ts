import { describe, expect, it } from 'vitest'
import { isDeadly, neverCollected, openDriver } from '../../src/database/sqlite/driver.js'

describe('the driver of SQLite', () => {
  it('is kept from being collected where that may end the process', () => {
    expect(['24.19.0', '24.21.0', '24.100.3'].map(isDeadly)).toEqual([true, true, true])
    expect(['20.20.2', '22.23.3', '24.18.9', '25.0.0', '26.12.1'].map(isDeadly)).toEqual(Array(5).fill(false))
  })

  it('answers the same when it is kept', () => {
    const [own, kept] = [openDriver(':memory:'), neverCollected(openDriver(':memory:'))]
    const told = [own, kept].map((driver) => {
      driver.exec('create table t (a); insert into t values (1), (2)')
      const pragmas = [
        driver.pragma('table_info(t)'),
        driver.pragma('user_version', { simple: true }),
        driver.pragma('foreign_keys = OFF'),
        driver.pragma('foreign_keys', { simple: true }),
        driver.pragma('cache_size = -100', { simple: true }),
        driver.pragma('integrity_check'),
      ]
      const rows = driver.prepare('select a from t where a > ?').raw().all(0)
      driver.close()
      return { pragmas, rows }
    })
    expect(told[1]).toEqual(told[0])
    expect(told[0]?.rows).toEqual([[1], [2]])
  })
})
