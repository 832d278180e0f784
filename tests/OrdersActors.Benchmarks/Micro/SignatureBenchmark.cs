using BenchmarkDotNet.Attributes;
using OrdersActors.Grains.Authentication;

namespace OrdersActors.Benchmarks.Micro;

/// <summary>Verifies the <c>authorization_signature</c> of a connect.</summary>
public class SignatureBenchmark
{
    private const string ApiKey = "0123456789abcdef0123456789abcdef";
    private const string Secret = "fedcba9876543210fedcba9876543210";
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(56);

    private readonly string _text = AuthorizationSignature.Create(ApiKey, Secret, Now);

    /// <summary>Parses and verifies a signature.</summary>
    [Benchmark]
    public AuthenticationOutcome Verify() =>
        AuthorizationSignature.Parse(_text, out _)!.Verify(Secret, Now, Window);
}
