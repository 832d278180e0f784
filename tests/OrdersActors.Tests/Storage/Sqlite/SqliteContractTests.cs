using OrdersActors.Tests.Storage.EventLog;

namespace OrdersActors.Tests.Storage.Sqlite;

public sealed class SqliteLogNumberingTests() : NumberingContract(new SqliteEventLogHarness());

public sealed class SqliteLogValidationTests() : ValidationContract(new SqliteEventLogHarness());

public sealed class SqliteLogIdentityTests() : IdentityContract(new SqliteEventLogHarness());

public sealed class SqliteLogReadingTests() : ReadingContract(new SqliteEventLogHarness());

public sealed class SqliteLogEpochTests() : EpochContract(new SqliteEventLogHarness());

public sealed class SqliteLogRetentionTests() : RetentionContract(new SqliteEventLogHarness());
