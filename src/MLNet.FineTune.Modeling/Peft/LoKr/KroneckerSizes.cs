namespace MLNet.FineTune.Peft;

/// <summary>The sizes of the two matrices whose Kronecker product is as large as a weight.</summary>
/// <param name="Outputs">Rows of the first and of the second.</param>
/// <param name="Inputs">Columns of the first and of the second.</param>
internal readonly record struct KroneckerSizes((int First, int Second) Outputs, (int First, int Second) Inputs)
{
    /// <param name="outputs">Rows of the weight.</param>
    /// <param name="inputs">Columns of the weight.</param>
    /// <param name="factor">How large the first is; null for near the square root.</param>
    public static KroneckerSizes Of(int outputs, int inputs, int? factor) => new(Factorize(outputs, factor), Factorize(inputs, factor));

    /// <summary>Whether a product of rank r stands for the first matrix, where it may.</summary>
    public bool FirstHasRank(int rank) => rank < Math.Max(Outputs.First, Inputs.First) / 2.0;

    /// <summary>Whether a product of rank r stands for the second matrix.</summary>
    public bool SecondHasRank(int rank) => rank < Math.Max(Outputs.Second, Inputs.Second) / 2.0;

    /// <summary>Two factors of a number: the one that is asked for where it divides it, else the largest that is no larger and at most the square root.</summary>
    public static (int First, int Second) Factorize(int number, int? factor)
    {
        if (factor is { } asked && number % asked == 0)
            return (asked, number / asked);
        int first = Math.Min(factor ?? number, (int)Math.Sqrt(number));
        while (number % first != 0)
            first--;
        return (first, number / first);
    }
}
