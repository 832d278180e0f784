using System.Diagnostics;
using System.Text;

namespace OrdersActors.TestServer;

/// <summary>What a process prints, kept for failures. Bounded: the newest 64 K characters or so.</summary>
internal sealed class CapturedOutput
{
    private const int Limit = 64 * 1024;
    private readonly StringBuilder _text = new();

    public CapturedOutput(Process process)
    {
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public override string ToString()
    {
        lock (_text)
        {
            return _text.ToString();
        }
    }

    private void Add(string? line)
    {
        lock (_text)
        {
            _text.AppendLine(line);
            if (_text.Length > 2 * Limit)
            {
                _text.Remove(0, _text.Length - Limit);
            }
        }
    }
}
