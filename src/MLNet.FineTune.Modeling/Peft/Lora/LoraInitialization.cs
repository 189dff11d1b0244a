namespace MLNet.FineTune;

/// <summary>What the factors of <see cref="Lora"/> start from.</summary>
public enum LoraInitialization
{
    /// <summary>A uniform at random (Kaiming), B zero: training starts from the base model.</summary>
    Default,

    /// <summary>A normal with standard deviation 1/r, B zero.</summary>
    Gaussian,

    /// <summary>
    /// The r largest singular values of the weight and their vectors, which training then changes, while the rest of the weight stays:
    /// faster convergence (Meng et al. 2024, "PiSSA", arXiv 2404.02948).
    /// </summary>
    Pissa,

    /// <summary>The first r columns of Q and rows of R of the weight's QR decomposition (Büyükakyüz 2024, "OLoRA", arXiv 2406.01775).</summary>
    Orthogonal,
}
