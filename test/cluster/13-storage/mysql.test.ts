/** The reliable singleton. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { startMysql } from '../mysql.ts'

test('the database keeps its rows when its pod is deleted', async (context) => {
  const namespace = await makeNamespace(context)
  const sql = await startMysql(namespace)
  await sql(
    'create database books; create table books.read (title text); insert into books.read values ("K8s")',
  )

  const [first = ''] = await namespace.names('pods')
  await namespace.kubectl('delete', 'pod', first)
  const others = async (): Promise<string[]> => (await namespace.names('pods')).filter((pod) => pod !== first)
  const second = await eventually('another pod', async () => (await others())[0])
  await namespace.wait(`pod/${second}`, 'condition=Ready', 150)
  const titles = await eventually('the Service to lead to it', () =>
    sql('select title from books.read', '--host=mysql').catch(() => undefined),
  )
  assert.equal(titles, 'K8s')
  assert.equal(await namespace.read('persistentvolumeclaim/database', '.status.phase'), 'Bound')
})
