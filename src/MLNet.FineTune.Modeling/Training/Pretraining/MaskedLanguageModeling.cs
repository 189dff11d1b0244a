namespace MLNet.FineTune;

/// <summary>
/// Masked language modelling: some tokens are hidden and the encoder learns to predict them (Devlin et al. 2018,
/// arXiv 1810.04805), drawn anew each time a text is seen (RoBERTa; Liu et al. 2019, arXiv 1907.11692).
/// </summary>
public sealed class MaskedLanguageModeling
{
    /// <summary>The share of tokens to predict.</summary>
    /// <value>Default 0.15, as BERT; 0.3 serves small budgets better (MosaicBERT; Portes et al. 2023, arXiv 2312.17482). Above 0, below 1.</value>
    public double Rate { get; set; } = 0.15;

    /// <summary>What is masked together.</summary>
    /// <value>Default <see cref="MaskingUnit.Token"/>.</value>
    public MaskingUnit Unit { get; set; } = MaskingUnit.Token;

    /// <summary>Of the chosen tokens, the share that becomes the mask token.</summary>
    /// <value>Default 0.8, as BERT.</value>
    public double MaskShare { get; set; } = 0.8;

    /// <summary>Of the chosen tokens, the share that becomes a random token; the rest stays as it is.</summary>
    /// <value>Default 0.1, as BERT.</value>
    public double RandomShare { get; set; } = 0.1;

    /// <summary>The weight of this loss in the sum.</summary>
    /// <value>Default 1; above 0.</value>
    public double Weight { get; set; } = 1;

    internal void Validate()
    {
        PretrainingOptions.Require(Rate is > 0 and < 1, nameof(MaskedLanguageModeling), nameof(Rate), Rate, "above 0 and below 1");
        PretrainingOptions.Require(Enum.IsDefined(Unit), nameof(MaskedLanguageModeling), nameof(Unit), Unit, string.Join(", ", Enum.GetNames<MaskingUnit>()));
        PretrainingOptions.Require(MaskShare is >= 0 and <= 1, nameof(MaskedLanguageModeling), nameof(MaskShare), MaskShare, "0 to 1");
        PretrainingOptions.Require(RandomShare >= 0 && MaskShare + RandomShare <= 1 + 1e-9, nameof(MaskedLanguageModeling), nameof(RandomShare), RandomShare, $"0 to 1 less {nameof(MaskShare)}");
        PretrainingOptions.RequireWeight(nameof(MaskedLanguageModeling), Weight);
    }
}
