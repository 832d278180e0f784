using OrdersActors.Server.Hosting;
using OrdersActors.Storage;

namespace OrdersActors.Server.Commands.Doctor;

/// <summary>Checks that the key ring, which decrypts the secrets of the API keys, can be read.</summary>
internal static class KeyRingCheck
{
    // PostgreSQL's code for a table that does not exist, which the message ends with.
    private const string NoTable = "(42P01)";

    public static void Run(DoctorContext context, Findings findings)
    {
        if (context.Options is not { } options)
        {
            findings.Skip(DoctorContext.NeedsSettings);
            return;
        }

        try
        {
            if (context.HasStorage && ServerStorage.CheckKeyRing(context.Configuration, options))
            {
                findings.Ok("every key of the ring can be read");
                return;
            }

            findings.Skip("there is no key ring yet");
        }
        catch (StorageException e) when (e.Message.EndsWith(NoTable, StringComparison.Ordinal))
        {
            findings.Skip("the database has no tables yet");
        }
        catch (Exception e) when (e is StartupException or StorageException)
        {
            findings.Report(
                e.Message,
                "name the certificate that encrypts the ring (OrdersActors:KeyRing:CertificateFile), or repair the "
                + "database first");
        }
    }
}
