-- Rows returned are violations. app: role of the application; owner: owner of the schema; globals: tables of no tenant.
with recursive
g as (select unnest(%(globals)s::text[]) as rel),
t as (select c.oid, c.relname, c.relkind, c.relispartition, c.relrowsecurity rls, c.relforcerowsecurity force, a.attnum tcol, a.attnotnull nn, a.atttypid typ, a.atthasdef def
        from pg_class c join pg_namespace n on n.oid=c.relnamespace left join pg_attribute a on a.attrelid=c.oid and a.attname='tenant_id' and not a.attisdropped
       where n.nspname='public' and c.relkind in ('r','p') and not exists (select 1 from pg_depend d where d.objid=c.oid and d.deptype='e')),
tt as (select * from t where tcol is not null),
want as (select '(tenant_id = (current_setting(''app.tenant_id''::text))::bigint)'::text e),
app as (select * from pg_roles where rolname = %(app)s),
deps as (select distinct r.ev_class v, d.refobjid rel from pg_rewrite r join pg_depend d on d.objid=r.oid and d.classid='pg_rewrite'::regclass and d.refclassid='pg_class'::regclass where d.refobjid<>r.ev_class),
vdeps as (select v, rel from deps union select x.v, d.rel from vdeps x join deps d on d.v=x.rel)
select 'T01 neither a tenant table nor on the list of global tables' chk, relname obj from t where tcol is null and relname not in (select rel from g)
union all select 'T02 row security not enabled and forced', relname from tt where not relispartition and not (rls and force)
union all select 'T03 tenant_id is nullable, defaulted or not bigint', relname from tt where not nn or def or typ<>'bigint'::regtype
union all select 'T04 policy missing or not the canonical one', relname from tt, want where not relispartition and not exists (select 1 from pg_policy p where p.polrelid=tt.oid and p.polpermissive and p.polcmd='*' and p.polroles='{0}' and pg_get_expr(p.polqual,p.polrelid)=e and coalesce(pg_get_expr(p.polwithcheck,p.polrelid),e)=e)
union all select 'T05 a further permissive policy ('||p.polname||')', relname from tt join pg_policy p on p.polrelid=tt.oid, want where p.polpermissive and pg_get_expr(p.polqual,p.polrelid) is distinct from e
union all select 'T06 partition is reachable by the app role', relname from tt, app where relispartition and not (rls and force) and has_table_privilege(app.oid, tt.oid, 'select,insert,update,delete')
union all select 'T07 primary key does not start with tenant_id', relname from tt where not exists (select 1 from pg_index i where i.indrelid=tt.oid and i.indisprimary and i.indkey[0]=tcol)
union all select 'T08 unique index without tenant_id', i.indexrelid::regclass::text from tt join pg_index i on i.indrelid=tt.oid and i.indisunique where not tcol = any(i.indkey::int2[])
union all select 'T09 index not led by tenant_id', i.indexrelid::regclass::text from tt join pg_index i on i.indrelid=tt.oid join pg_class c on c.oid=i.indexrelid join pg_am m on m.oid=c.relam where i.indkey[0]<>tcol and m.amname<>'brin'
union all select 'T10 foreign key between tenant tables without tenant_id on both sides', f.conname from pg_constraint f join tt on tt.oid=f.conrelid join tt r on r.oid=f.confrelid where f.contype='f' and not exists (select 1 from generate_subscripts(f.conkey,1) k where f.conkey[k]=tt.tcol and f.confkey[k]=r.tcol)
union all select 'T11 foreign key of a global table to a tenant table', f.conname from pg_constraint f join tt r on r.oid=f.confrelid where f.contype='f' and f.conrelid not in (select oid from tt)
union all select 'T12 foreign key not validated', conname from pg_constraint where contype='f' and not convalidated
union all select 'T13 foreign key without an index that starts with its columns', f.conname from pg_constraint f join tt on tt.oid=f.conrelid where f.contype='f' and f.confrelid in (select oid from tt) and not exists (select 1 from pg_index i where i.indrelid=f.conrelid and i.indpred is null and (i.indkey::int2[])[0:cardinality(f.conkey)-1] @> f.conkey)
union all select 'T14 an id column refers to a tenant table by name but has no foreign key', tt.relname||'.'||a.attname from tt join pg_attribute a on a.attrelid=tt.oid and a.attnum>0 and not a.attisdropped and a.attname ~ '_id$' and a.attname<>'tenant_id' and a.atttypid in ('uuid'::regtype,'bigint'::regtype) where not tt.relispartition and not exists (select 1 from pg_constraint f where f.contype='f' and f.conrelid=tt.oid and a.attnum=any(f.conkey))
union all select 'R01 the app role is superuser, bypasses RLS, creates roles or databases, or replicates', rolname from app where rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
union all select 'R02 the app role is a member of '||r.rolname, app.rolname from app, pg_roles r where r.oid<>app.oid and pg_has_role(app.oid, r.oid, 'member')
union all select 'R03 the app role owns something', relname from pg_class c, app where c.relowner=app.oid
union all select 'R04 the app role may create in schema '||nspname, app.rolname from pg_namespace n, app where nspname !~ '^pg_' and has_schema_privilege(app.oid, n.oid,'create')
union all select 'R05 the app role may truncate, reference or add triggers', relname from t, app where has_table_privilege(app.oid, t.oid, 'truncate,references,trigger')
union all select 'R06 owner of the table is not the owner role', relname from t join pg_class c using (oid,relname) where c.relowner::regrole::text<> %(owner)s
union all select 'V01 view over tenant tables without security_invoker', c.relname from pg_class c where relkind='v' and exists (select 1 from vdeps where v=c.oid and rel in (select oid from tt)) and not coalesce(c.reloptions,'{}') && array['security_invoker=true','security_invoker=on','security_invoker=1']
union all select 'V02 materialized view over tenant tables readable by the app role', c.relname from pg_class c, app where relkind='m' and exists (select 1 from vdeps where v=c.oid and rel in (select oid from tt)) and has_table_privilege(app.oid,c.oid,'select')
union all select 'F01 security definer function executable by the app role', p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid=p.pronamespace, app where prosecdef and n.nspname !~ '^pg_' and has_function_privilege(app.oid,p.oid,'execute')
union all select 'F02 security definer function without a fixed search_path', p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid=p.pronamespace where prosecdef and n.nspname !~ '^pg_' and not exists (select 1 from unnest(coalesce(proconfig,'{}')) x where x like 'search_path=%%')
order by 1,2
