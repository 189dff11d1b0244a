using TorchSharp;
using static TorchSharp.torch;
namespace MLNet.FineTune;
/// <summary>x</summary>
public abstract record EmbeddingLoss { internal virtual void Validate() { } }
/// <summary>x</summary>
public abstract record PairLoss : EmbeddingLoss { internal abstract Tensor Compute(Tensor first, Tensor second, Tensor alike, Tensor? weights); }
/// <summary>x</summary>
public abstract record BatchLoss : EmbeddingLoss { internal abstract Tensor Compute(Tensor embeddings, Tensor alike); }
/// <summary>x</summary>
public sealed record CosineSimilarityLoss : PairLoss {
 internal override Tensor Compute(Tensor first, Tensor second, Tensor alike, Tensor? weights) { var e=(nn.functional.cosine_similarity(first,second,1)-alike).square(); return weights is null ? e.mean() : (e*weights).sum()/weights.sum(); } }
/// <summary>x</summary>
public sealed record SupervisedContrastiveLoss : BatchLoss { 
 /// <summary>x</summary>
 public double Temperature {get;init;} = 0.1;
 internal override Tensor Compute(Tensor embeddings, Tensor alike) { var z=nn.functional.normalize(embeddings,2,1,1e-8); var n=z.size(0); var eye=torch.eye(n,dtype:ScalarType.Bool); var s=(z.matmul(z.t())/Temperature).masked_fill(eye,float.NegativeInfinity); var lp=s-s.logsumexp(1,true); var pos=alike.logical_and(eye.logical_not()); var c=pos.sum(1).to(ScalarType.Float32); var l=-(lp.masked_fill(pos.logical_not(),0f)).sum(1)/c.clamp_min(1f); var has=(c>0).to(ScalarType.Float32); return (l*has).sum()/has.sum().clamp_min(1f); } }
