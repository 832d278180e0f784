using System.Net.Sockets;
using System.Text;
using Npgsql;
using OrdersActors.Storage.EventLog;

namespace OrdersActors.Storage.PostgreSql;

/// <summary>
/// Describes PostgreSQL's errors in words (https://www.postgresql.org/docs/current/errcodes-appendix.html).
/// </summary>
internal static class PostgresErrors
{
    /// <summary>Whether the database or the network caused the exception, not a fault of this program.</summary>
    public static bool IsDatabase(Exception e) =>
        e is NpgsqlException or SocketException or IOException or TimeoutException;

    /// <summary>
    /// Describes the failure. PostgreSQL's own messages name tables, roles and settings. Their details, which may quote
    /// a row, are omitted.
    /// </summary>
    public static string Describe(Exception e) => e switch
    {
        PostgresException postgres => Describe(postgres),
        NoPrimaryException => e.Message,
        _ when Find<TimeoutException>(e) is not null => "PostgreSQL does not answer in time",
        _ when Find<SocketException>(e) is { } socket => $"PostgreSQL cannot be reached: {socket.Message}",
        _ => "the connection to PostgreSQL was lost",
    };

    /// <summary>
    /// The exception for callers of the log. It does not contain Npgsql's own exception, which is meaningless to other
    /// processes.
    /// </summary>
    public static EventLogUnavailableException ToUnavailable(Exception e) =>
        LogUnavailable.Because(Describe(e));

    /// <summary>
    /// Whether an immediate retry may succeed, because the call conflicted with another transaction.
    /// </summary>
    public static bool IsConflict(Exception e) => e is PostgresException
    {
        SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected,
    };

    /// <summary>
    /// Whether the connection is broken, for example because PostgreSQL restarted while the connection was in the pool.
    /// A new connection may work.
    /// </summary>
    public static bool IsBroken(Exception e) => e is PostgresException
    {
        SqlState: PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.ReadOnlySqlTransaction,
    }
    || (e is NpgsqlException and not PostgresException and not NoPrimaryException && Find<TimeoutException>(e) is null
        && Find<SocketException>(e)
            is null or { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown });

    /// <summary>Whether PostgreSQL did not answer in time.</summary>
    public static bool IsTimeout(Exception e) => IsDatabase(e) && Find<TimeoutException>(e) is not null;

    /// <summary>
    /// Whether no retry can store these events: the database cannot represent a text (class 22, such as 22P05 and
    /// 22021), a limit of PostgreSQL is exceeded (class 54), or a constraint of the database's owner is violated
    /// (23502, 23514).
    /// </summary>
    public static bool IsRejection(Exception e) => e is EncoderFallbackException or PostgresException
    {
        SqlState: ['2', '2', ..] or ['5', '4', ..]
            or PostgresErrorCodes.NotNullViolation or PostgresErrorCodes.CheckViolation,
    };

    /// <summary>The answer to a publisher whose events cannot be stored.</summary>
    public static InvalidOrderEventException ToRejection(Exception e) => new(
        "event",
        "cannot be stored: " + (e is EncoderFallbackException ? "its text is not valid Unicode" : Describe(e)));

    private static string Describe(PostgresException e) => e.SqlState switch
    {
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "PostgreSQL is shutting down",
        PostgresErrorCodes.CannotConnectNow => "PostgreSQL is starting or shutting down",
        PostgresErrorCodes.TooManyConnections => "PostgreSQL has too many connections",
        PostgresErrorCodes.DiskFull => "PostgreSQL's disk is full",
        PostgresErrorCodes.OutOfMemory => "PostgreSQL is out of memory",
        PostgresErrorCodes.ReadOnlySqlTransaction => "PostgreSQL is read-only",
        PostgresErrorCodes.QueryCanceled => "PostgreSQL took too long",
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "PostgreSQL refused the user or the password",
        PostgresErrorCodes.InvalidCatalogName => "the database does not exist",
        _ => $"{e.MessageText} ({e.SqlState})",
    };

    private static T? Find<T>(Exception e)
        where T : Exception
    {
        for (Exception? inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is T found)
            {
                return found;
            }
        }

        return null;
    }
}
