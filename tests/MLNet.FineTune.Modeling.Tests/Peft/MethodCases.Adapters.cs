using MLNet.FineTune.Tests.Encoders;

namespace MLNet.FineTune.Tests.Peft;

internal static partial class MethodCases
{
    /// <summary>Modules after or beside sublayers, and beside the encoder; unions.</summary>
    private static IEnumerable<MethodCase> Adapters =>
    [
    ];
}
