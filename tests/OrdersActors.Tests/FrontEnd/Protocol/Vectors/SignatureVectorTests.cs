using System.Text.Json;
using OrdersActors.Grains.Authentication;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.FrontEnd.Protocol.Vectors;

/// <summary>Proves <c>signatures.json</c> against the code that signs and verifies.</summary>
public sealed class SignatureVectorTests
{
    private static readonly JsonElement File = Support.Vectors.Read("signatures.json");

    public static TheoryData<string> Valid => Support.Vectors.Names(File, "valid");

    public static TheoryData<string> Accepted => Support.Vectors.Names(File, "accepted");

    public static TheoryData<string> Invalid => Support.Vectors.Names(File, "invalid");

    [Fact]
    public void Window_is_the_default() =>
        Assert.Equal(
            File.Number("window_seconds"), (long)new AuthenticationOptions().SignatureWindow.TotalSeconds);

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task Signature_is_created_and_accepted(string name)
    {
        var vector = Support.Vectors.Find(File, "valid", name);
        var (key, secret) = (vector.Text("api_key")!, vector.Text("secret")!);
        var (method, path) = (vector.Text("method")!, vector.Text("path")!);
        var seconds = vector.Number("timestamp")!.Value;
        var text = AuthorizationSignature.Create(
            key, secret, DateTimeOffset.FromUnixTimeSeconds(seconds), method, path);
        Assert.Equal(vector.Text("authorization_signature"), text);
        var result = await VectorKeys.CreateGrain(key, secret, seconds).AuthenticateClient(
            new ClientCredentials { ApiKey = key, Signature = text, Method = method, Path = path });
        Assert.Equal((AuthenticationOutcome.Authenticated, true), (result.Outcome, result.IsSigned));
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task Other_form_is_accepted(string name)
    {
        var result = await AuthenticateAsync(Support.Vectors.Find(File, "accepted", name));
        Assert.Equal((AuthenticationOutcome.Authenticated, true), (result.Outcome, result.IsSigned));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Wrong_signature_gets_its_code_and_fault(string name)
    {
        var vector = Support.Vectors.Find(File, "invalid", name);
        var result = await AuthenticateAsync(vector);
        Assert.Equal(
            (vector.Text("code"), vector.Text("fault")),
            (VectorKeys.NameOf(result.Outcome), VectorKeys.NameOf(result.Fault)));
    }

    private static Task<AuthenticationResult> AuthenticateAsync(JsonElement vector) =>
        VectorKeys.CreateGrain(
            File.Text("api_key")!, File.Text("secret")!, (vector.Number("now") ?? File.Number("now"))!.Value)
            .Authenticate(File.Text("api_key")!, vector.Text("authorization_signature"));
}
