using System.CommandLine;
using System.CommandLine.Parsing;
using OrdersActors.Server.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands.Keys;

/// <summary>
/// <c>keys rotate</c>: replaces the secret of a key in two steps, so that no client is refused meanwhile.
/// </summary>
/// <remarks>
/// <code>
///   rotate            secrets 1 and 2 are valid; switch the backends to 2
///   rotate --finish   only 2 is valid; connections that were authenticated with 1 are closed
///   rotate --cancel   instead: only 1 is valid again
/// </code>
/// </remarks>
internal static class RotateKeyCommand
{
    public static Command Create(CommandSettings settings)
    {
        var key = KeyOptions.Key();
        var finish = new Option<bool>("--finish")
        {
            Description = "End the older secret. Its connections are closed with 1012, by default within 15 s.",
        };
        var cancel = new Option<bool>("--cancel")
        {
            Description = "End the newer secret instead, for example because it was lost.",
        };
        var command = new Command(
            "rotate", "Create a second secret, shown only once; with --finish, end the first one.")
        {
            key, finish, cancel, CommandSettings.File,
        };
        command.Validators.Add(result => CheckChoice(result, finish, cancel));
        command.SetAction(async (call, cancellationToken) =>
        {
            var name = call.GetRequiredValue(key);
            var configuration = settings.Build(call);
            var keys = await KeyDatabase.OpenAsync(configuration, mayCreate: false);
            await (call.GetValue(finish) ? EndAsync(keys, name, keepNewer: true, configuration, cancellationToken)
                : call.GetValue(cancel) ? EndAsync(keys, name, keepNewer: false, configuration, cancellationToken)
                : BeginAsync(keys, name, configuration, cancellationToken));
            return ServerCommandLine.Done;
        });
        return command;
    }

    private static void CheckChoice(CommandResult result, Option<bool> finish, Option<bool> cancel)
    {
        if (result.GetValue(finish) && result.GetValue(cancel))
        {
            result.AddError("Options '--finish' and '--cancel' exclude each other.");
        }
    }

    private static async Task BeginAsync(
        KeyDatabase keys, string name, IConfiguration configuration, CancellationToken cancellationToken)
    {
        var change = await keys.Store.RotateAsync(name, cancellationToken);
        if (change.Outcome == KeyChangeOutcome.HasTwoSecrets)
        {
            throw new StartupException(
                $"the key '{name}' already has two secrets: end the older one with 'keys rotate {name} --finish', or "
                + "the newer one with --cancel");
        }

        var rotated = keys.Check(change, name);
        KeysJson.Write(
            new RotatedKey(
                rotated.OrganizationId, name, change.Secret!, rotated.Secrets[0].Id,
                KeyDelays.KnownWithin(configuration)),
            KeysJson.Default.RotatedKey);
        await keys.SayAsync();
        KeyChangeLog.Rotated(rotated);
        await Console.Error.WriteLineAsync(
            $"both secrets are valid: use the new one, then run 'keys rotate {name} --finish'");
    }

    private static async Task EndAsync(
        KeyDatabase keys, string name, bool keepNewer, IConfiguration configuration,
        CancellationToken cancellationToken)
    {
        var change = await keys.Store.EndRotationAsync(name, keepNewer, cancellationToken);
        if (change.Outcome == KeyChangeOutcome.HasOneSecret)
        {
            throw new StartupException(
                $"the key '{name}' has only one secret: 'keys rotate {name}' creates the second one");
        }

        var left = keys.Check(change, name);
        KeysJson.Write(
            new EndedRotation(
                left.OrganizationId, name, left.Secrets[0].Id, KeyDelays.ClosedWithin(configuration)),
            KeysJson.Default.EndedRotation);
        await keys.SayAsync();
        KeyChangeLog.RotationEnded(left, keepNewer);
    }
}
