/** The reliable singleton. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'
import { startMysql } from '../mysql.ts'

test('the database keeps its rows when its pod is deleted', async (context) => {
  const namespace = await makeNamespace(context)
  const sql = await startMysql(namespace)
  await sql(
    'create database books; create table books.read (title text); insert into books.read values ("K8s")',
  )

  const [first = ''] = await namespace.names('pods')
  await namespace.kubectl('delete', 'pod', first)
  const [second = ''] = await namespace.names('pods')
  assert.notEqual(second, first)
  await namespace.wait(`pod/${second}`, 'condition=Ready', 150)
  assert.equal(await sql('select title from books.read', '--host=mysql'), 'K8s')
  assert.equal(await namespace.read('persistentvolumeclaim/database', '.status.phase'), 'Bound')
})
