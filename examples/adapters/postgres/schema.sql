-- Groups of Envoys, their services, and where these run. Run it once, in a database of your own:
--   psql --single-transaction --set ON_ERROR_STOP=1 --file schema.sql

create table groups (
  group_name text primary key, -- node.cluster of its Envoys, or "default" for all whose cluster is no group
  port int not null check (port between 1 and 65535) -- where they listen
);

create table services (
  group_name text not null references groups on update cascade on delete cascade,
  service text not null check (service <> ''),
  path_prefix text not null check (path_prefix ~ '^/([^?#]*[^/?#])?$'), -- "/", or "/orders" for it and all below
  timeout interval not null default '15 s' check (timeout >= '0'),
  primary key (group_name, service),
  unique (group_name, path_prefix)
);

create table endpoints (
  group_name text not null,
  service text not null,
  address inet not null check (masklen(address) = case family(address) when 4 then 32 else 128 end),
  port int not null check (port between 1 and 65535),
  weight int not null default 1 check (weight > 0),
  healthy boolean not null default true, -- false: Envoy sends nothing there while others are healthy
  primary key (group_name, service, address, port),
  foreign key (group_name, service) references services on update cascade on delete cascade
);

-- All of a group in one row, so that the adapter sees one moment of it.
create view envoy_groups as
select g.group_name, g.port, coalesce(json_agg(s.service order by s.service ->> 'name')
    filter (where s.service is not null), '[]') as services
from groups g
left join (
  select
    s.group_name,
    json_build_object(
      'name', s.service,
      'pathPrefix', s.path_prefix,
      'timeout', extract(epoch from s.timeout) || 's',
      'endpoints', coalesce(json_agg(
        json_build_object('address', host(e.address), 'port', e.port, 'weight', e.weight, 'healthy', e.healthy)
        order by e.address, e.port
      ) filter (where e.address is not null), '[]')
    ) as service
  from services s
  left join endpoints e on e.group_name = s.group_name and e.service = s.service
  group by s.group_name, s.service
) s on s.group_name = g.group_name
group by g.group_name;

-- Tells the adapter at the end of each transaction which services of which groups it changed, each once.
create function notify_envoy() returns trigger language plpgsql as $$
declare
  changed record;
begin
  for changed in
    select distinct row ->> 'group_name' as group_name, row ->> 'service' as service
    from (values (to_jsonb(old)), (to_jsonb(new))) as rows (row)
    where row is not null
  loop
    perform pg_notify('envoy', json_build_object('group', changed.group_name, 'service', changed.service)::text);
  end loop;
  return null;
end
$$;

create trigger changed after insert or update or delete on groups
for each row execute function notify_envoy();
create trigger changed after insert or update or delete on services
for each row execute function notify_envoy();
create trigger changed after insert or update or delete on endpoints
for each row execute function notify_envoy();
