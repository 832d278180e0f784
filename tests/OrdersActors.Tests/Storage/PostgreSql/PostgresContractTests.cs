using OrdersActors.Tests.Storage.EventLog;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresLogNumberingTests(PostgresFixture postgres)
    : NumberingContract(new PostgresEventLogHarness(postgres));

public sealed class PostgresLogValidationTests(PostgresFixture postgres)
    : ValidationContract(new PostgresEventLogHarness(postgres));

public sealed class PostgresLogIdentityTests(PostgresFixture postgres)
    : IdentityContract(new PostgresEventLogHarness(postgres));

public sealed class PostgresLogReadingTests(PostgresFixture postgres)
    : ReadingContract(new PostgresEventLogHarness(postgres));

public sealed class PostgresLogEpochTests(PostgresFixture postgres)
    : EpochContract(new PostgresEventLogHarness(postgres));

public sealed class PostgresLogRetentionTests(PostgresFixture postgres)
    : RetentionContract(new PostgresEventLogHarness(postgres));
