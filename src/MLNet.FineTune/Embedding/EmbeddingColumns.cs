namespace MLNet.FineTune.Embedding;

/// <summary>The columns of a transformer that embeds texts.</summary>
/// <param name="Output">The column of vectors that is added.</param>
/// <param name="Input">The column of texts.</param>
internal sealed record EmbeddingColumns(string Output, string Input)
{
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public void Check()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Output, "outputColumnName");
        ArgumentException.ThrowIfNullOrWhiteSpace(Input, "inputColumnName");
    }
}
