using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrdersActors.Server.Commands.Output;

namespace OrdersActors.Server.Commands.Settings;

/// <summary><c>config show</c>: prints the settings that a server would use, and where each comes from.</summary>
internal static class ConfigCommand
{
    public static Command Create(CommandSettings settings)
    {
        var changed = new Option<bool>("--changed")
        {
            Description = "Print only the settings that are not at their default.",
        };
        var show = new Command(
            "show", "Print the effective settings and their origin: default, file, environment or command line. "
            + "Secrets are hidden.")
        {
            changed, OutputOptions.Json, CommandSettings.File,
        };
        show.SetAction(call =>
        {
            var effective = EffectiveSettings.Of(settings.Build(call))
                .Where(setting => !call.GetValue(changed) || setting.Origin != "default").ToArray();
            Print(effective, call.GetValue(OutputOptions.Json));
            return ServerCommandLine.Done;
        });
        return new Command("config", "Show the settings.") { show };
    }

    private static void Print(EffectiveSetting[] settings, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(settings, SettingsJson.Default.EffectiveSettingArray));
            return;
        }

        var table = new TextTable("SETTING", "VALUE", "ORIGIN");
        foreach (var setting in settings)
        {
            table.Add(setting.Name, setting.Value, setting.Origin);
        }

        table.Write();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EffectiveSetting[]))]
internal sealed partial class SettingsJson : JsonSerializerContext;
