using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrdersActors.Grains.Authentication;
using OrdersActors.Storage;

namespace OrdersActors.Tests.Grains.Authentication;

public sealed class KeyUsesTests
{
    private static readonly DateTimeOffset Minute = new(2026, 11, 28, 18, 5, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Minute.AddSeconds(20.5));
    private readonly KeyUses _uses;

    public KeyUsesTests() =>
        _uses = new KeyUses(Options.Create(new AuthenticationOptions { KeyCacheSize = 2 }), _time);

    [Fact]
    public void Last_use_of_a_key_is_kept_to_the_minute()
    {
        _uses.Record("a");
        _uses.Record("a");
        Assert.Equal([new ApiKeyUse("a", Minute)], _uses.Snapshot());
        _time.Advance(TimeSpan.FromMinutes(1));
        _uses.Record("a");
        Assert.Equal([new ApiKeyUse("a", Minute.AddMinutes(1))], _uses.Snapshot());
    }

    [Fact]
    public void Stored_use_is_forgotten_unless_the_key_was_used_again()
    {
        _uses.Record("a");
        _uses.Record("b");
        var stored = _uses.Snapshot();
        _time.Advance(TimeSpan.FromMinutes(1));
        _uses.Record("b");
        _uses.Forget(stored);
        Assert.Equal([new ApiKeyUse("b", Minute.AddMinutes(1))], _uses.Snapshot());
    }

    [Fact]
    public void Memory_is_bounded_and_further_keys_are_recorded_after_the_next_write()
    {
        _uses.Record("a");
        _uses.Record("b");
        _uses.Record("c");
        Assert.Equal(["a", "b"], _uses.Snapshot().Select(use => use.Key).Order(StringComparer.Ordinal));
        _uses.Forget(_uses.Snapshot());
        _uses.Record("c");
        Assert.Equal("c", Assert.Single(_uses.Snapshot()).Key);
    }
}
