using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

internal static partial class MethodCases
{
    /// <summary>Prompts and prefixes.</summary>
    private static IEnumerable<MethodCase> Prompts =>
    [
    ];
}
