using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The trained vectors of a prompt or prefix: a table, or what a network makes of a smaller one while it trains.</summary>
internal abstract class PromptVectors(string name) : Part(name)
{
    /// <summary>How many vectors there are.</summary>
    public abstract long Length { get; }

    /// <summary>Some of the columns of all vectors, float32 [length, count].</summary>
    public abstract Tensor Columns(long from, long count);
}

/// <summary>Vectors that train as they are.</summary>
internal sealed class PromptTable : PromptVectors
{
    /// <summary>What the only parameter is called; it is all that remains after training, whatever made the vectors.</summary>
    public const string ParameterName = "table";

    /// <param name="values">The vectors to begin with, float32 [length, width].</param>
    public PromptTable(Tensor values) : base(nameof(PromptTable))
    {
        Table = new Parameter(values);
        Register(ParameterName, Table);
    }

    /// <summary>[length, width].</summary>
    public Parameter Table { get; }

    public override long Length => Table.size(0);

    public override Tensor Columns(long from, long count) => from == 0 && count == Table.size(1) ? Table : Table.narrow(1, from, count);
}
