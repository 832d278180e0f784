using System.Text.Json;
using OrdersActors.Client;
using OrdersActors.Tests.Support;

namespace OrdersActors.Tests.Client;

public class AuthorizationSignatureTests
{
    private static readonly JsonElement File = Vectors.Read("signatures.json");

    public static TheoryData<string> Valid => Vectors.Names(File, "valid");

    [Theory]
    [MemberData(nameof(Valid))]
    public void Signature_is_the_one_of_the_vector(string name)
    {
        var vector = Vectors.Find(File, "valid", name);
        Assert.Equal(
            vector.Text("authorization_signature"),
            AuthorizationSignature.Create(
                vector.Text("api_key")!, vector.Text("secret")!,
                DateTimeOffset.FromUnixTimeSeconds(vector.Number("timestamp")!.Value), vector.Text("method")!,
                vector.Text("path")!));
    }
}
