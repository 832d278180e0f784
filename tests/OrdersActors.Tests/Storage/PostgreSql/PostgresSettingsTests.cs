using Npgsql;
using OrdersActors.Storage;
using OrdersActors.Storage.PostgreSql;

namespace OrdersActors.Tests.Storage.PostgreSql;

public sealed class PostgresSettingsTests
{
    [Fact]
    public void Settings_that_the_storage_needs_override_the_connection_string()
    {
        var settings = Of("Host=db;Username=u;Search Path=other;Multiplexing=true;Include Error Detail=true");
        Assert.Null(settings.SearchPath);
        Assert.False(settings.Multiplexing);
        Assert.False(settings.IncludeErrorDetail);
        Assert.True(settings.NoResetOnClose);
        Assert.Equal(GssEncryptionMode.Disable, settings.GssEncryptionMode);
        Assert.Equal("OrdersActors", settings.ApplicationName);
    }

    [Fact]
    public void Settings_that_operators_may_choose_are_kept()
    {
        var settings = Of("Host=db;Username=u;Application Name=mine;GSS Encryption Mode=Prefer;SSL Mode=Require");
        Assert.Equal("mine", settings.ApplicationName);
        Assert.Equal(GssEncryptionMode.Prefer, settings.GssEncryptionMode);
        Assert.Equal(SslMode.Require, settings.SslMode);
    }

    [Theory]
    [InlineData("Host=db;Username=u", 10, 10)]
    [InlineData("Host=a,b;Username=u", 5, 10)]
    public void Several_hosts_have_the_connect_timeout(string connectionString, int connect, int command)
    {
        var settings = Of(connectionString);
        Assert.Equal((connect, command), (settings.Timeout, settings.CommandTimeout));
    }

    [Theory]
    [InlineData("a", "a:5433")]
    [InlineData("a, b:1 ,", "a:5433 b:1")]
    [InlineData("/run/postgresql,[::1]:7,::1", "/run/postgresql:5433 [::1]:7 ::1:5433")]
    public void Each_host_has_its_own_port_or_the_common_one(string hosts, string expected)
    {
        var settings = Of($"Host={hosts};Port=5433;Username=u;Target Session Attributes=primary");
        var single = PostgresSettings.ForEachHost(settings);
        Assert.Equal(expected, string.Join(' ', single.Select(PostgresHosts.NameOf)));
        Assert.All(single, host => Assert.Null(host.TargetSessionAttributes));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("Host=db;Password=secret;Nonsense=1")]
    [InlineData("Username=u;Password=secret")]
    [InlineData("Host=,;Password=secret")]
    [InlineData("Host=db:x;Password=secret")]
    public void Invalid_connection_string_is_reported_without_its_content(string connectionString)
    {
        var e = Assert.Throws<StorageException>(() => Of(connectionString));
        Assert.Equal("ConnectionStrings:OrdersActors is not a connection string of PostgreSQL", e.Message);
        Assert.Null(e.InnerException);
    }

    [Theory]
    [InlineData("standby", false)]
    [InlineData("Prefer-Standby", false)]
    [InlineData("read-only", false)]
    [InlineData("primary", true)]
    [InlineData("read-write", true)]
    public void Only_a_host_that_accepts_writes_may_be_requested(string attributes, bool isAllowed)
    {
        var connectionString = $"Host=a,b;Username=u;Target Session Attributes={attributes}";
        if (isAllowed)
        {
            Of(connectionString);
            return;
        }

        Assert.Contains(
            "Target Session Attributes must be primary or read-write",
            Assert.Throws<StorageException>(() => Of(connectionString)).Message,
            StringComparison.Ordinal);
    }

    private static NpgsqlConnectionStringBuilder Of(string connectionString) =>
        PostgresSettings.Of(new PostgresStorageOptions { ConnectionString = connectionString });
}
